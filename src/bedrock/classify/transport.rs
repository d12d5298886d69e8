//! Failures in which the upstream said nothing, or nothing that could be read: what was in the way.

use std::error::Error;
use std::io;
use std::iter::successors;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use rustix::io::Errno;

use super::error::CallerText;
use super::error::caller_text;
use super::upstream::UpstreamError;
use crate::provider::ErrorKind;
use crate::provider::ProviderError;

/// There was no answer, or none that could be read. `kind` is what that means unless the reason lies
/// on our side.
pub(super) fn transport<E: UpstreamError, R: std::fmt::Debug>(
    error: &SdkError<E, R>,
    kind: ErrorKind,
) -> ProviderError {
    let kind = if is_about_credentials(error) {
        ErrorKind::Credentials
    } else if has_cause(error, is_about_this_machine) {
        ErrorKind::OutOfConnections
    } else {
        kind
    };
    let (CallerText::Fixed(text) | CallerText::Upstream(text)) = caller_text(kind);
    let text = if kind == ErrorKind::Credentials {
        "the gateway has no AWS credentials"
    } else {
        text
    };
    let mut cause = chain(error);
    if kind == ErrorKind::OutOfConnections {
        let remedy = "raise the limit on open files of this process (ulimit -n)";
        cause = format!("{remedy}: {cause}");
    }
    ProviderError {
        source: Some(cause.into()),
        ..ProviderError::new(kind, text)
    }
}

/// Whether one of the causes is such.
pub(super) fn has_cause(error: &dyn Error, is_it: fn(&(dyn Error + 'static)) -> bool) -> bool {
    causes(error).any(is_it)
}

/// The causes, also those that an error of I/O shows for itself.
fn causes(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(error.source(), |&cause| {
        match cause.downcast_ref().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        }
    })
}

fn is_about_credentials<E: UpstreamError, R: std::fmt::Debug>(error: &SdkError<E, R>) -> bool {
    // With nothing to sign with, the SDK finds no way to authenticate.
    has_cause(error, |cause| cause.is::<CredentialsError>())
        || chain(error).contains("failed to select an auth scheme")
}

/// Whether the system refused to open a connection for want of something that the upstream has no
/// part in: descriptors of the process or the machine, ports, memory.
fn is_about_this_machine(cause: &(dyn Error + 'static)) -> bool {
    let errno = cause.downcast_ref().and_then(Errno::from_io_error);
    matches!(
        errno,
        Some(Errno::MFILE | Errno::NFILE | Errno::ADDRNOTAVAIL | Errno::NOBUFS | Errno::NOMEM)
    )
}

/// The error and its causes by `Display`; `Debug` of the SDK's errors holds bodies.
fn chain<E: UpstreamError, R: std::fmt::Debug>(error: &SdkError<E, R>) -> String {
    let mut text = error.to_string();
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(current) = cause {
        text.push_str(": ");
        text.push_str(&current.to_string());
        cause = current.source();
    }
    text
}
