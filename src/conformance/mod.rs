//! The conformance suite: what a gateway promises, held against one that runs.
//!
//! Cases are data files, and the rules that always hold are functions with names; the suite calls a
//! gateway as any client would and says which of them it breaks. It knows nothing of how the gateway
//! works: it shares the API's messages with it, and nothing else. Starting a gateway, reading flags
//! and writing reports to files is left to the command line.

mod problem;
mod members;
mod case;
mod schema;
mod expectation;
mod case_checks;
mod case_file;
mod library;
mod messages;
mod placeholders;
mod models;
mod plan;
mod observation;
mod client_reply;
mod client_program;
mod call;
mod conversation;
mod rules;
mod expect;
mod sent;
mod budget;
mod estimate;
mod scenarios;
mod calls;
mod execute;
mod run;
mod result;
mod figures;
mod report;
mod compare;

pub use case::Call;
pub use case::Case;
pub use case::Each;
pub use case::Family;
pub use client_program::ClientProgram;
pub use compare::Comparison;
pub use compare::compare;
pub use library::LoadError;
pub use library::embedded;
pub use library::read_folder;
pub use models::ListError;
pub use models::list_models;
pub use report::Format;
pub use report::case_lines;
pub use report::write;
pub use result::CaseResult;
pub use result::Finding;
pub use result::Outcome;
pub use result::Report;
pub use result::Spending;
pub use rules::promises;
pub use run::Options;
pub use run::Progress;
pub use run::RunError;
pub use run::run;
pub use scenarios::ControlError;
pub use scenarios::EmulatorControl;
