//! Which models may answer a request, in which order.

use std::sync::Arc;

use tracing::info;

use crate::proto::Capability;
use crate::proto::ErrorReason;
use crate::proto::InvokeRequest;
use crate::proto::routing_config::FallbackMode;
use crate::provider::Refusable;
use crate::registry::Model;
use crate::routing::adapt;
use crate::routing::adapt::Fit;
use crate::routing::adapt::Skip;
use crate::routing::circuit::Refusal;
use crate::routing::circuits::Circuits;
use crate::routing::circuits::Permit;
use crate::routing::error::RouteError;
use crate::routing::learned;
use crate::routing::learned::Refusals;
use crate::routing::ledger::Ledger;
use crate::routing::needs::Needs;
use crate::routing::policy::Policy;
use crate::routing::turn::Wanted;

/// The candidates of one request, examined one by one as they are needed.
pub(super) struct Plan {
    request: Arc<InvokeRequest>,
    needs: Needs,
    wanted: Wanted,
    policy: Arc<Policy>,
    /// What the model that is being called refused of this request.
    refused: Refusals,
    /// Places in the registry, in order of attempts, the next one last.
    candidates: Vec<usize>,
    /// The first candidate: vendor options were written for its provider.
    written_for: Option<usize>,
    /// Candidates must have a larger context window than this.
    window_above: Option<u32>,
    /// The next candidate that suits, once looked for.
    found: Option<(Arc<Model>, Fit)>,
    /// Those passed over while looking.
    passed: Vec<Passed>,
    /// Whether any candidate was called.
    is_called: bool,
}

/// A model that is not called, and why.
struct Passed {
    model: Arc<Model>,
    cause: Cause,
}

enum Cause {
    /// It cannot answer this request.
    Unsuited(Skip),
    /// It could, but is left alone for now.
    Suspended(Fit, Refusal),
}

impl Plan {
    /// Lists the candidates of a request. A count is of one model, and has no other candidate.
    ///
    /// # Errors
    /// MODEL_NOT_FOUND if the request names a model that does not exist, with the replacement if it
    /// was removed. For a count, also why the model cannot be called or cannot count.
    pub(super) fn new(
        request: Arc<InvokeRequest>,
        wanted: Wanted,
        policy: Arc<Policy>,
    ) -> Result<Self, RouteError> {
        let mut candidates = match wanted {
            Wanted::Message | Wanted::Stream => order(&request, &policy)?,
            Wanted::Count => {
                let model = policy.counting_model(&request.model)?;
                vec![find(&policy, &model.name, "model")?]
            }
        };
        let needs = Needs::of(&request, wanted == Wanted::Stream);
        let written_for = candidates.first().copied();
        candidates.reverse();
        Ok(Self {
            request,
            needs,
            wanted,
            policy,
            refused: Refusals::default(),
            candidates,
            written_for,
            window_above: None,
            found: None,
            passed: Vec::new(),
            is_called: false,
        })
    }

    /// Whether another candidate suits the request.
    pub(super) fn has_next(&mut self) -> bool {
        self.look();
        self.found.is_some()
    }

    /// The next candidate that suits, and the right to call it; those passed over go into the
    /// ledger.
    pub(super) fn next(&mut self, ledger: &mut Ledger) -> Option<(Arc<Model>, Fit, Permit)> {
        let next = self.admitted().or_else(|| self.suspended());
        self.is_called |= next.is_some();
        self.explain(ledger);
        self.refused = Refusals::default();
        next
    }

    /// Takes note of what a model refused of this request, and fits the request to it again.
    /// `false` if there is no other fit.
    pub(super) fn refit(&mut self, model: &Model, fit: &mut Fit, refused: Refusable) -> bool {
        let cause = learned::cause(refused, &self.request, &self.needs, &fit.adaptation);
        let Some(refused) = cause else {
            return false;
        };
        let refusal = Refusals::of(refused, &self.request);
        self.refused = self.refused.and(refusal);
        if self.policy.learned.remember(model, refusal.lasting()) {
            info!(model = %model.name, ?refused, "learned what the model does not take");
        }
        let Ok(mut other) = self.fitted(model, self.refused) else {
            return false;
        };
        if fit.adaptation.omit_cache_points {
            self.leave_out_cache_points(&mut other);
        }
        let is_other = other.adaptation != fit.adaptation;
        *fit = other;
        is_other
    }

    /// Leaves the cache points out for this model after all. `false` if there are none.
    pub(super) fn leave_out_cache_points(&self, fit: &mut Fit) -> bool {
        fit.leave_out_cache_points(&self.request, &self.needs)
    }

    /// Takes note of what a model did not get when it answered. The refusal of cache points also
    /// stands for other missing rights; only the answer without them tells that it meant them.
    pub(super) fn confirm(&self, model: &Model, fit: &Fit) {
        let refusal = Refusals::of(Refusable::CachePoints, &self.request);
        if fit.adaptation.omit_cache_points
            && model.can(Capability::PromptCaching)
            && self.policy.learned.remember(model, refusal)
        {
            info!(model = %model.name, "learned that the model caches no prompts");
        }
    }

    /// Writes those passed over into the ledger.
    pub(super) fn explain(&mut self, ledger: &mut Ledger) {
        for Passed { model, cause } in std::mem::take(&mut self.passed) {
            match cause {
                Cause::Unsuited(skip) => ledger.skip(&model, &skip),
                Cause::Suspended(_, refusal) => {
                    self.circuits().count_skip(&model);
                    ledger.suspended(&model, &refusal);
                }
            }
        }
    }

    /// From here on only models with a larger context window than this one suit.
    pub(super) fn require_larger_window(&mut self, model: &Model) {
        self.window_above = Some(model.limits.context_window_tokens);
        if let Some((found, _)) = &self.found
            && let Some(skip) = self.too_small(found)
            && let Some((found, _)) = self.found.take()
        {
            self.pass_over(found, Cause::Unsuited(skip));
        }
    }

    /// The next candidate that suits and whose circuit lets the call through.
    fn admitted(&mut self) -> Option<(Arc<Model>, Fit, Permit)> {
        loop {
            self.look();
            let (model, fit) = self.found.take()?;
            match self.circuits().begin(&model) {
                Ok(permit) => return Some((model, fit, permit)),
                Err(refusal) => self.pass_over(model, Cause::Suspended(fit, refusal)),
            }
        }
    }

    /// If no candidate was called because all that suit are suspended: the one whose next try is
    /// due first, unless it was tried so just now. A gateway that only refused would be worse than
    /// calling the models without it.
    fn suspended(&mut self) -> Option<(Arc<Model>, Fit, Permit)> {
        if self.is_called {
            return None;
        }
        let mut due = Vec::new();
        for (index, Passed { model, cause }) in self.passed.iter().enumerate() {
            match cause {
                Cause::Suspended(_, refusal) => due.push((refusal.until, index, model)),
                Cause::Unsuited(_) => {}
            }
        }
        due.sort_by_key(|(until, ..)| *until);
        let circuits = self.circuits();
        let (index, permit) = due
            .into_iter()
            .find_map(|(_, index, model)| Some((index, circuits.begin_anyway(model)?)))?;
        let Passed { model, cause } = self.passed.remove(index);
        match cause {
            Cause::Suspended(fit, _) => Some((model, fit, permit)),
            Cause::Unsuited(_) => None,
        }
    }

    fn pass_over(&mut self, model: Arc<Model>, cause: Cause) {
        self.passed.push(Passed { model, cause });
    }

    fn look(&mut self) {
        while self.found.is_none()
            && let Some(candidate) = self.candidates.pop()
            && let Some(model) = self.policy.registry.models().get(candidate)
        {
            let model = Arc::clone(model);
            match self.examine(&model) {
                Ok(fit) => self.found = Some((model, fit)),
                Err(cause) => self.pass_over(model, cause),
            }
        }
    }

    fn examine(&self, model: &Model) -> Result<Fit, Cause> {
        let objection = self.policy.availability.objection(model);
        if let Some(skip) = objection.or_else(|| self.too_small(model)) {
            return Err(Cause::Unsuited(skip));
        }
        let fit = self.fitted(model, Refusals::default());
        let fit = fit.map_err(Cause::Unsuited)?;
        match self.circuits().refusal(model) {
            None => Ok(fit),
            Some(refusal) => Err(Cause::Suspended(fit, refusal)),
        }
    }

    /// `refused` is what the model refused of this request, beside what it always refuses.
    fn fitted(&self, model: &Model, refused: Refusals) -> Result<Fit, Skip> {
        let refused = self.policy.learned.about(model).and(refused);
        if self.wanted == Wanted::Count {
            return Ok(adapt::adapt_to_count(
                &self.request,
                &self.needs,
                model,
                refused,
            ));
        }
        let models = self.policy.registry.models();
        let first = self.written_for.and_then(|first| models.get(first));
        let written_for = first.map_or("", |first| first.provider.as_str());
        adapt::adapt(&self.request, &self.needs, model, refused, written_for)
    }

    fn circuits(&self) -> &Circuits {
        self.policy.circuits_for(self.wanted)
    }

    fn too_small(&self, model: &Model) -> Option<Skip> {
        let exceeded = self.window_above?;
        (model.limits.context_window_tokens <= exceeded).then(|| Skip {
            reason: ErrorReason::UpstreamContextWindowExceeded,
            message: "the context window is not larger than the one that was exceeded".to_owned(),
        })
    }
}

/// The requested model or the default, then the fallbacks: the caller's, else all others by
/// priority. As places in the registry.
fn order(request: &InvokeRequest, policy: &Policy) -> Result<Vec<usize>, RouteError> {
    let registry = &policy.registry;
    let config = request.routing_config.as_ref();
    let named = Some(request.model.as_str()).filter(|name| !name.is_empty());
    let first = match named.or(policy.default_model.as_deref()) {
        Some(name) => Some(find(policy, name, "model")?),
        None => None,
    };
    let chosen = config.map_or(&[][..], |config| &config.fallback_models);
    let fallback = match config.map_or(FallbackMode::Unspecified, |config| config.fallback_mode()) {
        // Who names fallbacks wants them.
        FallbackMode::Unspecified => policy.settings.fallback || !chosen.is_empty(),
        FallbackMode::Enabled => true,
        FallbackMode::Disabled => false,
    };

    let models = registry.models();
    let mut order = Vec::with_capacity(models.len());
    order.extend(first);
    if fallback && !chosen.is_empty() {
        for (index, name) in chosen.iter().enumerate() {
            let field = format!("routing_config.fallback_models[{index}]");
            let candidate = find(policy, name, &field)?;
            if !order.contains(&candidate) {
                order.push(candidate);
            }
        }
    } else if fallback {
        order.extend((0..models.len()).filter(|&candidate| Some(candidate) != first));
    } else if order.is_empty() {
        let is_available = |model: &Arc<Model>| policy.availability.objection(model).is_none();
        order.push(models.iter().position(is_available).unwrap_or(0));
    }
    Ok(order)
}

fn find(policy: &Policy, name: &str, field: &str) -> Result<usize, RouteError> {
    let registry = &policy.registry;
    let found = registry.find(name).and_then(|found| {
        let mut models = registry.models().iter();
        models.position(|model| Arc::ptr_eq(model, found))
    });
    found.ok_or_else(|| policy.unknown_model(name, field))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
