//! Keeps a run below an amount of money: what a call may cost is set aside before it is made, and
//! what it did cost is counted behind it.

use std::cell::Cell;

use tokio::sync::Mutex;
use tokio::sync::Notify;

use crate::conformance::result::Spending;

/// The only currency that a budget is in.
pub(super) const CURRENCY: &str = "USD";

/// Billionths of a dollar that may be spent; no limit if there is no purse.
pub(super) struct Budget {
    purse: Option<Purse>,
}

struct Purse {
    limit: i64,
    spent: Cell<i64>,
    reserved: Cell<i64>,
    refused: Cell<u32>,
    turn: Mutex<()>,
    settled: Notify,
}

/// What was set aside for calls.
#[derive(Clone, Copy)]
pub(super) struct Reserved(i64);

impl Budget {
    /// No limit if `None`.
    pub(super) fn new(nanos: Option<i64>) -> Self {
        let purse = nanos.map(|limit| Purse {
            limit,
            spent: Cell::new(0),
            reserved: Cell::new(0),
            refused: Cell::new(0),
            turn: Mutex::new(()),
            settled: Notify::new(),
        });
        Self { purse }
    }

    /// Whether there is a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.purse.is_some()
    }

    /// What became of it, if there is a limit.
    pub(super) fn spending(&self) -> Option<Spending> {
        let purse = self.purse.as_ref()?;
        Some(Spending {
            budget_nanos: purse.limit,
            spent_nanos: purse.spent.get(),
            refused: purse.refused.get(),
        })
    }

    /// Sets aside what calls may cost, if that much is left. Waits until that is known: others may
    /// cost less than was set aside for them. One is decided after the other, in their order, so
    /// that what runs does not depend on how many run at the same time.
    pub(super) async fn reserve(&self, nanos: i64) -> Option<Reserved> {
        let Some(purse) = &self.purse else {
            return Some(Reserved(nanos));
        };
        let _turn = purse.turn.lock().await;
        loop {
            let gone = purse.spent.get().saturating_add(purse.reserved.get());
            if gone.saturating_add(nanos) <= purse.limit {
                purse.reserved.set(purse.reserved.get() + nanos);
                return Some(Reserved(nanos));
            }
            if purse.reserved.get() == 0 {
                purse.refused.set(purse.refused.get() + 1);
                return None;
            }
            purse.settled.notified().await;
        }
    }

    /// Counts what they did cost.
    pub(super) fn settle(&self, reserved: Reserved, nanos: i64) {
        if let Some(purse) = &self.purse {
            purse.reserved.set(purse.reserved.get() - reserved.0);
            purse.spent.set(purse.spent.get().saturating_add(nanos));
            purse.settled.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_would_exceed_the_budget_is_not_set_aside() {
        let budget = Budget::new(Some(100));

        let first = budget.reserve(60).await.unwrap();
        budget.settle(first, 10);

        assert!(budget.reserve(91).await.is_none());
        let second = budget.reserve(90).await.unwrap();
        budget.settle(second, 90);
        assert!(budget.reserve(1).await.is_none());
        let spending = budget.spending().unwrap();
        assert_eq!((spending.spent_nanos, spending.refused), (100, 2));
    }

    #[tokio::test]
    async fn what_others_set_aside_is_waited_for_in_order() {
        let budget = Budget::new(Some(100));
        let first = budget.reserve(60).await.unwrap();
        let mut second = Box::pin(budget.reserve(60));
        let mut third = Box::pin(budget.reserve(10));

        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        budget.settle(first, 10);

        assert!(second.await.is_some());
        assert!(third.await.is_some());
    }
}
