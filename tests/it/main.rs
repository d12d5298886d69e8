//! What the package promises, tested from the outside. The list below is the table of contents.

#![cfg(test)]

mod support;

mod unary;
mod answers;
mod streaming;
mod whole_answers;
mod fallback;
mod circuits;
mod adaptation;
mod fault_matrix;
mod broken_network;
mod own_faults;
mod deadlines;
mod overload;
mod transport;
mod stalled_readers;
mod call_log;
mod errors;
mod cost;
mod models;
mod health;
mod credentials;
mod recovery;
mod reload;
mod shutdown;
mod client;
mod client_manifests;
mod cli;
mod iam_policy;
mod models_command;
mod generated_from_the_command_line;
mod model_pages;
mod check;
mod conformance;
mod conformance_rules;
mod coverage;
mod enums;
mod equality;
mod exactness;
mod golden_requests;
mod golden_answers;
mod golden_streams;
mod golden_failures;
mod fuzz_corpora;
mod proto;
mod docs;
mod architecture;
