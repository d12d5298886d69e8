//! Rules for pictures, clips and recordings, and where the bytes of any medium are.
//!
//! How many there may be and how large each is the model's question.

use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::media;
use crate::media::AUDIO;
use crate::media::IMAGE;
use crate::media::Kind;
use crate::media::VIDEO;
use crate::proto::AudioBlock;
use crate::proto::GuardImage;
use crate::proto::ImageBlock;
use crate::proto::S3Location;
use crate::proto::VideoBlock;
use crate::proto::audio_block;
use crate::proto::image_block;
use crate::proto::video_block;

const MAX_S3_URI: usize = 1024;

const IMAGES: &str = "image/png, image/jpeg, image/gif or image/webp";

/// A guardrail reads fewer types of images than models do.
const GUARD_IMAGE_TYPES: [&str; 2] = ["image/png", "image/jpeg"];
const GUARD_IMAGES: &str = "image/png or image/jpeg";

const VIDEOS: &str =
    "one of those listed at VideoBlock.mime_type, in lower case and without parameters";

const RECORDINGS: &str =
    "one of those listed at AudioBlock.mime_type, in lower case and without parameters";

pub(super) fn image(found: &mut Violations, path: &Path<'_>, block: &ImageBlock) {
    let source = match &block.source {
        None => missing_source(found, path, "data or s3_location"),
        Some(image_block::Source::Data(bytes)) => data(found, path, bytes),
        Some(image_block::Source::S3Location(location)) => s3_location(found, path, location),
    };
    mime_type(found, path, &block.mime_type, &IMAGE, IMAGES, source);
}

pub(super) fn guard_image(found: &mut Violations, path: &Path<'_>, image: &GuardImage) {
    let source = data(found, path, &image.data);
    let mime_type = image.mime_type.as_str();
    let is_read = |mime_type: &str| GUARD_IMAGE_TYPES.contains(&mime_type);
    if IMAGE.has(mime_type) && !is_read(mime_type) {
        not_listed(found, path, GUARD_IMAGES);
        return;
    }
    self::mime_type(found, path, mime_type, &IMAGE, GUARD_IMAGES, source);
    if mime_type.is_empty()
        && let Some(inferred) = IMAGE.of_bytes(&image.data)
        && !is_read(inferred)
    {
        let text = format_args!("is {inferred}; a guardrail reads {GUARD_IMAGES}");
        found.add(&path.field("data"), Reason::BadFormat, text);
    }
}

pub(super) fn video(found: &mut Violations, path: &Path<'_>, block: &VideoBlock) {
    let source = match &block.source {
        None => missing_source(found, path, "data or s3_location"),
        Some(video_block::Source::Data(bytes)) => data(found, path, bytes),
        Some(video_block::Source::S3Location(location)) => s3_location(found, path, location),
    };
    mime_type(found, path, &block.mime_type, &VIDEO, VIDEOS, source);
}

pub(super) fn audio(found: &mut Violations, path: &Path<'_>, block: &AudioBlock) {
    let source = match &block.source {
        None => missing_source(found, path, "data or s3_location"),
        Some(audio_block::Source::Data(bytes)) => data(found, path, bytes),
        Some(audio_block::Source::S3Location(location)) => s3_location(found, path, location),
    };
    mime_type(found, path, &block.mime_type, &AUDIO, RECORDINGS, source);
}

/// What tells the type of a medium if nobody says it.
#[derive(Clone, Copy)]
pub(super) enum Source<'r> {
    /// The bytes themselves.
    Bytes(&'r [u8]),
    /// The address of an object.
    Address(&'r str),
    /// Nothing: the source is wrong, which is reported already, or needs no type.
    None,
}

/// The media type is one of its kind, spelled the same, and not excluded by the bytes; or the
/// source tells it. `listed` says which types there are, or where a developer finds them.
pub(super) fn mime_type(
    found: &mut Violations,
    path: &Path<'_>,
    mime_type: &str,
    kind: &Kind,
    listed: &'static str,
    source: Source<'_>,
) {
    if !mime_type.is_empty() && !kind.has(mime_type) {
        not_listed(found, path, listed);
        return;
    }
    let path = path.field("mime_type");
    match source {
        Source::Bytes(bytes) if mime_type.is_empty() => {
            if kind.of_bytes(bytes).is_none() {
                let text = format_args!("is required, because the bytes do not tell it: {listed}");
                found.add(&path, Reason::Required, text);
            }
        }
        Source::Bytes(bytes) => {
            if let Some(contradiction) = media::contradiction(mime_type, bytes) {
                let text = format_args!("is {mime_type}, but the bytes {contradiction}");
                found.add(&path, Reason::Conflict, text);
            }
        }
        Source::Address(address) => {
            if mime_type.is_empty() && kind.of_name(address).is_none() {
                let text = format_args!(
                    "is required, because the object's key has no extension that tells it: {listed}"
                );
                found.add(&path, Reason::Required, text);
            }
        }
        Source::None => {}
    }
}

fn not_listed(found: &mut Violations, path: &Path<'_>, listed: &'static str) {
    let text = format_args!("is not {listed}; leave it empty to have it inferred");
    found.add(&path.field("mime_type"), Reason::BadFormat, text);
}

pub(super) fn missing_source<'r>(
    found: &mut Violations,
    path: &Path<'_>,
    members: &'static str,
) -> Source<'r> {
    let text = format_args!("has no source: set {members}");
    found.add(path, Reason::Required, text);
    Source::None
}

pub(super) fn data<'r>(found: &mut Violations, path: &Path<'_>, bytes: &'r [u8]) -> Source<'r> {
    if bytes.is_empty() {
        let path = path.field("data");
        found.add(&path, Reason::Required, format_args!("is empty"));
        return Source::None;
    }
    Source::Bytes(bytes)
}

pub(super) fn s3_location<'r>(
    found: &mut Violations,
    path: &Path<'_>,
    location: &'r S3Location,
) -> Source<'r> {
    let path = path.field("s3_location");
    let uri = path.field("uri");
    let is_object = names_object(&location.uri);
    if location.uri.is_empty() {
        let text = format_args!("is required: \"s3://bucket/key\"");
        found.add(&uri, Reason::Required, text);
    } else if !is_object {
        let text = format_args!("is not of the form \"s3://bucket/key\"");
        found.add(&uri, Reason::BadFormat, text);
    }
    scalar::max_characters_of(found, &uri, &location.uri, MAX_S3_URI);
    let owner = &location.bucket_owner;
    let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
    if !owner.is_empty() && !is_account {
        let text = format_args!("is not an account of 12 digits");
        found.add(&path.field("bucket_owner"), Reason::BadFormat, text);
    }
    if is_object {
        Source::Address(&location.uri)
    } else {
        Source::None
    }
}

/// Whether the address has a bucket, by Amazon S3's rules for their names, and a key.
fn names_object(uri: &str) -> bool {
    let Some((bucket, key)) = uri
        .strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let is_bucket_byte = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
    };
    (3..=63).contains(&bucket.len())
        && bucket.bytes().all(is_bucket_byte)
        && !bucket.starts_with(['.', '-'])
        && !bucket.ends_with(['.', '-'])
        && !key.is_empty()
}
