//! What the package promises, tested from the outside. The list below is the table of contents.

#![cfg(test)]

mod architecture;
mod proto;
