//! What no member of a case says alone: whether its parts mean something together.

use crate::conformance::case::Call;
use crate::conformance::case::Case;
use crate::conformance::case::Each;
use crate::conformance::conversation;
use crate::conformance::expectation::Expectation;
use crate::conformance::messages::Message;
use crate::conformance::placeholders::ALIAS;
use crate::conformance::placeholders::MODEL;
use crate::conformance::placeholders::Names;
use crate::conformance::placeholders::OTHER;
use crate::conformance::problem::Problems;

/// Says what is wrong with a case whose members are all right.
pub(super) fn check(case: &Case, problems: &mut Problems) {
    let names = Names::samples();
    if let Err(problem) = Message::read(case.call, &names.fill(&case.request)) {
        problems.add("request", problem);
    }
    if case.stream_options.is_some() && !case.call.streams() {
        problems.add(
            "stream_options",
            "means something only for the calls stream and invoke_and_stream",
        );
    }
    if case.each == Each::Model && case.call == Call::ListModels {
        problems.add("each", "is gateway for the call list_models");
    }
    if case.each == Each::Gateway && !case.needs.is_empty() {
        problems.add("needs", "belongs to cases that run for each model");
    }
    let speaks_of_a_model = [MODEL, ALIAS, OTHER].iter().any(|one| case.mentions(one));
    if case.each == Each::Gateway && speaks_of_a_model {
        problems.add(
            "each",
            "{model}, {alias} and {other} have a meaning only where a case runs for each model",
        );
    }
    check_expectation(&case.expect, case.call, "expect", problems);
    check_steps(case, &names, problems);
}

fn check_steps(case: &Case, names: &Names, problems: &mut Problems) {
    if !case.then.is_empty() && !matches!(case.call, Call::Invoke | Call::Stream) {
        problems.add("then", "goes on with the calls invoke and stream only");
    }
    let fails = case.expectations().map(|expect| expect.error.is_some());
    for (index, (step, fails)) in case.then.iter().zip(fails).enumerate() {
        let path = format!("then[{index}]");
        if fails {
            problems.add(&path, "never comes: the call before it is to fail");
        }
        if let Err(problem) = conversation::changes(&names.fill(&step.request)) {
            problems.add(format!("{path}.request"), problem);
        }
        let result = step.tool_result.iter();
        for problem in
            result.filter_map(|content| conversation::result("call-1", &names.fill(content)).err())
        {
            problems.add(format!("{path}.tool_result"), problem);
        }
        check_expectation(&step.expect, case.call, &format!("{path}.expect"), problems);
    }
}

fn check_expectation(expect: &Expectation, call: Call, path: &str, problems: &mut Problems) {
    let fails = expect.error.is_some();
    let meaningful = meaningful(call, fails);
    let means_nothing = |member: &&str| !meaningful.contains(member);
    for member in expect.members().into_iter().filter(means_nothing) {
        let of = if fails { "fails" } else { "is answered" };
        let allowed = match meaningful.as_slice() {
            [] => "error".to_owned(),
            names => names.join(", "),
        };
        problems.add(
            format!("{path}.{member}"),
            format!("means nothing for such a call if it {of}; allowed: {allowed}"),
        );
    }
    for (member, range) in expect.ranges() {
        if range.min.zip(range.max).is_some_and(|(min, max)| min > max) {
            problems.add(format!("{path}.{member}"), "has a min above its max");
        }
    }
}

/// The members of `expect` that mean something.
fn meaningful(call: Call, fails: bool) -> Vec<&'static str> {
    let (answer, events) = (
        "text stop_reason blocks tool_use usage attempts adjustments sent",
        "events",
    );
    let members: &[&str] = match (call, fails) {
        (Call::Invoke, false) => &[answer],
        (Call::Stream, false) => &[answer, events],
        (Call::InvokeAndStream, false) => &[answer, events, "same"],
        (Call::CountTokens, false) => &["input_tokens"],
        (Call::ListModels | Call::GetModel, false) => &[],
        (Call::Invoke, true) => &["error attempts"],
        (Call::Stream | Call::InvokeAndStream, true) => &["error attempts", events],
        (Call::CountTokens | Call::ListModels | Call::GetModel, true) => &["error"],
    };
    members.iter().flat_map(|names| names.split(' ')).collect()
}
