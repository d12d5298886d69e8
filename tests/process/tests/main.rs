//! What the release binary promises as a process. The list below is the table of contents.
//!
//! The tests run one after the other, because each measures. Each prints its figures in one line.

#![cfg(test)]

mod support;

mod rolling_restart;
mod cancels;
mod open_streams;
mod attacks;
