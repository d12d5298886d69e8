use super::*;
use crate::provider::ErrorKind;
use crate::routing::fixtures::settings;

fn situation(kind: ErrorKind) -> Situation {
    Situation {
        consequence: kind.consequence(),
        retry_after: None,
        retries_here: 0,
        retries: 0,
        others_left: false,
        is_circuit_open: false,
        calls_left: 5,
        time_left: Duration::from_secs(10),
        chance: 0.5,
    }
}

#[test]
fn throttled_model_is_left_at_once_while_others_are_left() {
    let throttled = Situation {
        others_left: true,
        ..situation(ErrorKind::Throttled)
    };

    assert_eq!(decide(&throttled, &settings()), Decision::NextModel);
}

#[test]
fn throttled_last_model_is_called_again_after_the_hint() {
    let throttled = Situation {
        retry_after: Some(Duration::from_secs(3)),
        ..situation(ErrorKind::Throttled)
    };

    assert_eq!(
        decide(&throttled, &settings()),
        Decision::SameModel(Duration::from_secs(3))
    );
}

#[test]
fn long_hint_gives_way_to_another_model_that_is_ready() {
    let unavailable = Situation {
        retry_after: Some(Duration::from_secs(3)),
        others_left: true,
        ..situation(ErrorKind::Unavailable)
    };

    assert_eq!(decide(&unavailable, &settings()), Decision::NextModel);
}

#[test]
fn hint_of_zero_does_not_replace_the_back_off() {
    let unavailable = Situation {
        retry_after: Some(Duration::ZERO),
        ..situation(ErrorKind::Unavailable)
    };

    assert_eq!(
        decide(&unavailable, &settings()),
        Decision::SameModel(Duration::from_millis(50))
    );
}

#[test]
fn hint_that_does_not_fit_into_the_time_left_ends_the_call() {
    let throttled = Situation {
        retry_after: Some(Duration::from_millis(9_800)),
        ..situation(ErrorKind::Throttled)
    };

    assert_eq!(decide(&throttled, &settings()), Decision::GiveUp);
}

#[test]
fn passing_failure_is_retried_once_and_then_falls_back() {
    let first = Situation {
        others_left: true,
        ..situation(ErrorKind::Unavailable)
    };
    let second = Situation {
        retries: 1,
        retries_here: 1,
        ..first
    };

    assert_eq!(
        decide(&first, &settings()),
        Decision::SameModel(Duration::from_millis(50))
    );
    assert_eq!(decide(&second, &settings()), Decision::NextModel);
}

#[test]
fn model_whose_circuit_is_open_is_called_again_only_if_there_is_no_other() {
    let last = Situation {
        is_circuit_open: true,
        ..situation(ErrorKind::Unavailable)
    };
    let one_of_two = Situation {
        others_left: true,
        ..last
    };

    assert_eq!(decide(&one_of_two, &settings()), Decision::NextModel);
    assert!(matches!(decide(&last, &settings()), Decision::SameModel(_)));
}

#[test]
fn last_model_is_retried_up_to_the_limit() {
    let decisions: Vec<bool> = (0..5)
        .map(|retries| Situation {
            retries,
            retries_here: retries,
            ..situation(ErrorKind::Internal)
        })
        .map(|situation| matches!(decide(&situation, &settings()), Decision::SameModel(_)))
        .collect();

    assert_eq!(decisions, [true, true, true, false, false]);
}

#[test]
fn timeouts_are_never_repeated_on_the_same_model() {
    for kind in [ErrorKind::ModelTimeout, ErrorKind::AttemptTimeout] {
        let last = situation(kind);
        let others = Situation {
            others_left: true,
            ..last
        };

        assert_eq!(decide(&last, &settings()), Decision::GiveUp, "{kind:?}");
        assert_eq!(
            decide(&others, &settings()),
            Decision::NextModel,
            "{kind:?}"
        );
    }
}

#[test]
fn callers_fault_ends_the_call_whatever_is_left() {
    for kind in [ErrorKind::Validation, ErrorKind::ModelRejected] {
        let others = Situation {
            others_left: true,
            ..situation(kind)
        };

        assert_eq!(decide(&others, &settings()), Decision::GiveUp, "{kind:?}");
    }
}

#[test]
fn rejected_credentials_are_tried_once_more_and_never_on_another_model() {
    let first = Situation {
        others_left: true,
        ..situation(ErrorKind::Credentials)
    };
    let second = Situation {
        retries: 1,
        retries_here: 1,
        ..first
    };

    assert!(matches!(
        decide(&first, &settings()),
        Decision::SameModel(_)
    ));
    assert_eq!(decide(&second, &settings()), Decision::GiveUp);
}

#[test]
fn bound_on_all_calls_ends_the_call() {
    let spent = Situation {
        calls_left: 0,
        others_left: true,
        ..situation(ErrorKind::Unavailable)
    };

    assert_eq!(decide(&spent, &settings()), Decision::GiveUp);
}

#[test]
fn refused_field_is_left_out_at_once_while_others_are_left_and_as_often_as_it_helps_if_not() {
    let first = Situation {
        others_left: true,
        ..situation(ErrorKind::FieldRefused)
    };
    let second = Situation {
        retries: 1,
        retries_here: 1,
        ..first
    };
    let last = Situation {
        others_left: false,
        ..second
    };

    let at_once = Decision::SameModel(Duration::ZERO);
    assert_eq!(decide(&first, &settings()), at_once);
    assert_eq!(decide(&second, &settings()), Decision::NextModel);
    assert_eq!(decide(&last, &settings()), at_once);
}

#[test]
fn hint_as_long_as_the_back_off_is_waited_for_while_others_are_left() {
    let asked = |ms| Situation {
        retry_after: Some(Duration::from_millis(ms)),
        others_left: true,
        ..situation(ErrorKind::Unavailable)
    };

    let waits = Decision::SameModel(Duration::from_millis(100));
    assert_eq!(decide(&asked(100), &settings()), waits);
    assert_eq!(decide(&asked(101), &settings()), Decision::NextModel);
}

#[test]
fn only_the_same_request_to_the_same_model_is_a_repetition() {
    let same_model = Decision::SameModel(Duration::ZERO);
    let unavailable = situation(ErrorKind::Unavailable);

    assert!(repeats(&same_model, &unavailable));
    assert!(!repeats(&Decision::NextModel, &unavailable));
    assert!(!repeats(&same_model, &situation(ErrorKind::FieldRefused)));
}
