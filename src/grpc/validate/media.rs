//! Rules for pictures, clips and recordings, and where the bytes of any medium are.
//!
//! Sizes and counts are Bedrock's documented ones. Whether the bytes are what the media type says
//! is not looked at.

use crate::grpc::validate::content::Check;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::AudioBlock;
use crate::proto::GuardImage;
use crate::proto::ImageBlock;
use crate::proto::S3Location;
use crate::proto::VideoBlock;
use crate::proto::audio_block;
use crate::proto::image_block;
use crate::proto::video_block;

/// 3.75 MB, which is 5 MiB of base64.
const MAX_IMAGE_BYTES: usize = 3_932_160;

const MAX_IMAGES: usize = 20;
const MAX_S3_URI: usize = 1024;

const IMAGE_TYPES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp"];

const GUARD_IMAGE_TYPES: &[&str] = &["image/png", "image/jpeg"];

const VIDEO_TYPES: &[&str] = &[
    "video/3gpp",
    "video/mp4",
    "video/mpeg",
    "video/mpg",
    "video/quicktime",
    "video/webm",
    "video/x-flv",
    "video/x-matroska",
    "video/x-ms-wmv",
];

const AUDIO_TYPES: &[&str] = &[
    "audio/aac",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/mpga",
    "audio/ogg",
    "audio/opus",
    "audio/pcm",
    "audio/wav",
    "audio/webm",
    "audio/x-aac",
    "audio/x-m4a",
    "audio/x-matroska",
    "audio/x-mpeg",
    "video/x-matroska",
];

pub(super) fn image(check: &mut Check<'_>, path: &Path<'_>, block: &ImageBlock) {
    check.images += 1;
    nth(&mut check.found, path, check.images, MAX_IMAGES, "image");
    let found = &mut check.found;
    mime_type(
        found,
        path,
        &block.mime_type,
        IMAGE_TYPES,
        "image/png, image/jpeg, image/gif or image/webp",
    );
    match &block.source {
        None => missing_source(found, path, "data or s3_location"),
        Some(image_block::Source::Data(bytes)) => {
            data(found, path, bytes, Some(MAX_IMAGE_BYTES));
        }
        Some(image_block::Source::S3Location(location)) => s3_location(found, path, location),
    }
}

pub(super) fn guard_image(found: &mut Violations, path: &Path<'_>, image: &GuardImage) {
    mime_type(
        found,
        path,
        &image.mime_type,
        GUARD_IMAGE_TYPES,
        "image/png or image/jpeg",
    );
    data(found, path, &image.data, None);
}

pub(super) fn video(found: &mut Violations, path: &Path<'_>, block: &VideoBlock) {
    mime_type(
        found,
        path,
        &block.mime_type,
        VIDEO_TYPES,
        "one of those listed at VideoBlock.mime_type, in lower case and without parameters",
    );
    match &block.source {
        None => missing_source(found, path, "data or s3_location"),
        Some(video_block::Source::Data(bytes)) => data(found, path, bytes, None),
        Some(video_block::Source::S3Location(location)) => s3_location(found, path, location),
    }
}

pub(super) fn audio(found: &mut Violations, path: &Path<'_>, block: &AudioBlock) {
    mime_type(
        found,
        path,
        &block.mime_type,
        AUDIO_TYPES,
        "one of those listed at AudioBlock.mime_type, in lower case and without parameters",
    );
    match &block.source {
        None => missing_source(found, path, "data or s3_location"),
        Some(audio_block::Source::Data(bytes)) => data(found, path, bytes, None),
        Some(audio_block::Source::S3Location(location)) => s3_location(found, path, location),
    }
}

/// The `count`-th block of its kind is within the limit. Later ones are not reported again.
pub(super) fn nth(
    found: &mut Violations,
    path: &Path<'_>,
    count: usize,
    max: usize,
    what: &'static str,
) {
    if count == max + 1 {
        let text = format_args!("is {what} number {count} of the request; at most {max} allowed");
        found.add(path, Reason::TooMany, text);
    }
}

/// The media type, if set, is one of the list, spelled the same. `listed` says which those are, or
/// where a developer finds them if they are many.
pub(super) fn mime_type(
    found: &mut Violations,
    path: &Path<'_>,
    mime_type: &str,
    allowed: &[&str],
    listed: &'static str,
) {
    if !mime_type.is_empty() && !allowed.contains(&mime_type) {
        let text = format_args!("is not {listed}; leave it empty to have it inferred");
        found.add(&path.field("mime_type"), Reason::BadFormat, text);
    }
}

pub(super) fn missing_source(found: &mut Violations, path: &Path<'_>, members: &'static str) {
    let text = format_args!("has no source: set {members}");
    found.add(path, Reason::Required, text);
}

pub(super) fn data(found: &mut Violations, path: &Path<'_>, bytes: &[u8], max: Option<usize>) {
    let path = path.field("data");
    if bytes.is_empty() {
        found.add(&path, Reason::Required, format_args!("is empty"));
    }
    if let Some(max) = max
        && bytes.len() > max
    {
        let count = bytes.len();
        let text = format_args!("has {count} bytes; at most {max} are allowed");
        found.add(&path, Reason::TooLong, text);
    }
}

pub(super) fn s3_location(found: &mut Violations, path: &Path<'_>, location: &S3Location) {
    let path = path.field("s3_location");
    let uri = path.field("uri");
    if location.uri.is_empty() {
        let text = format_args!("is required: \"s3://bucket/key\"");
        found.add(&uri, Reason::Required, text);
    } else if !names_object(&location.uri) {
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
