//! `iam-policy`: what it allows by IAM's own rules, what it prints, and what it refuses.

mod calls;
mod command;
mod evaluator;
mod random;
mod rules;
