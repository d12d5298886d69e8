//! What the release binary promises as a process. The list below is the table of contents.
//!
//! The tests run one after the other, because each measures. Each prints its figures in one line.

#![cfg(test)]

mod others;
mod support;

mod rolling_restart;
mod cancels;
mod brownout;
mod retries;
mod overload;
mod open_streams;
mod stalled_readers;
mod descriptors;
mod attacks;
