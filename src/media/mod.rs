//! Media types: which there are, what leading bytes and names of files say, and what they exclude.
//!
//! The edge refuses by it, and the adapter fills in by it; so both mean the same. Bedrock's own
//! words for formats are the adapter's.

mod detect;
mod kind;
mod signature;

pub use kind::{AUDIO, DOCUMENT, IMAGE, Kind, VIDEO};
pub use signature::{Contradiction, contradiction};
