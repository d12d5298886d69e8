//! stub until merge
use crate::proto::*;
use std::fmt;
#[derive(Debug)]
pub enum Reason {
    A,
}
impl Reason {
    pub fn as_str(&self) -> &'static str {
        "A"
    }
}
#[derive(Debug)]
pub struct Violation {
    pub field: String,
    pub description: String,
    pub reason: Reason,
}
#[derive(Debug)]
pub struct Violations {
    k: Vec<Violation>,
}
impl Violations {
    pub fn kept(&self) -> &[Violation] {
        &self.k
    }
    pub fn is_only_not_implemented(&self) -> bool {
        false
    }
    pub fn of_metadata(f: &str, e: &impl fmt::Display) -> Self {
        Self {
            k: vec![Violation {
                field: f.into(),
                description: e.to_string(),
                reason: Reason::A,
            }],
        }
    }
}
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.k[0].description)
    }
}
pub struct Valid<T>(T);
impl<T> Valid<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}
impl<T> std::ops::Deref for Valid<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
pub fn invoke(r: InvokeRequest) -> Result<Valid<InvokeRequest>, Violations> {
    Ok(Valid(r))
}
pub fn invoke_stream(
    r: InvokeStreamRequest,
) -> Result<(Valid<InvokeRequest>, StreamOptions), Violations> {
    Ok((
        Valid(InvokeRequest {
            prompt: r.prompt,
            ..Default::default()
        }),
        StreamOptions::default(),
    ))
}
pub fn count_tokens(r: CountTokensRequest) -> Result<Valid<CountTokensRequest>, Violations> {
    Ok(Valid(r))
}
pub fn list_models(_: &ListModelsRequest) -> Result<(), Violations> {
    Ok(())
}
pub fn get_model(_: &GetModelRequest) -> Result<(), Violations> {
    Ok(())
}
