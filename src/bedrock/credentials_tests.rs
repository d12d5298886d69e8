use std::error;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use tokio::task::yield_now;

use super::*;

/// A source of credentials that counts how often it is asked, and does each time the next thing.
#[derive(Clone, Debug)]
struct Source {
    asked: Arc<AtomicUsize>,
    script: &'static [Step],
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Gives(&'static str),
    /// What expires after so many seconds.
    GivesFor(&'static str, u64),
    HasNothing,
    Hangs,
}

impl Source {
    fn playing(script: &'static [Step]) -> Self {
        Self {
            asked: Arc::default(),
            script,
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn kept(&self, metrics: &Arc<Metrics>) -> KeptCredentials {
        let source = SharedCredentialsProvider::new(self.clone());
        let kept = KeptCredentials::from_source(source, Arc::clone(metrics));
        let keeping = kept.clone();
        tokio::spawn(async move { keeping.keep().await });
        kept
    }
}

impl ProvideCredentials for Source {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let step = self.script[number.min(self.script.len() - 1)];
        let made = |id: &str, life: Option<u64>| {
            let expiry = life.map(|life| SystemTime::now() + Duration::from_secs(life));
            Credentials::new(id, "secret", None, expiry, "test")
        };
        match step {
            Step::Gives(id) => future::ProvideCredentials::ready(Ok(made(id, None))),
            Step::GivesFor(id, life) => future::ProvideCredentials::ready(Ok(made(id, Some(life)))),
            Step::HasNothing => {
                let nothing = CredentialsError::not_loaded("nothing here");
                future::ProvideCredentials::ready(Err(nothing))
            }
            Step::Hangs => future::ProvideCredentials::new(std::future::pending()),
        }
    }
}

/// The access key that a call would be signed with now.
async fn key(kept: &KeptCredentials) -> Result<String, String> {
    let identity = kept.clone().awaited().await;
    let identity = identity.map_err(|error| error::Error::source(&error).unwrap().to_string())?;
    let credentials = identity.data::<Credentials>().unwrap();
    Ok(credentials.access_key_id().to_owned())
}

#[tokio::test(start_paused = true)]
async fn credentials_are_got_once_until_aws_rejects_them() {
    let source = Source::playing(&[Step::Gives("old"), Step::Gives("new")]);
    let kept = source.kept(&Arc::default());

    assert_eq!(key(&kept).await.unwrap(), "old");
    assert_eq!(key(&kept).await.unwrap(), "old");
    assert_eq!(source.asked(), 1);
    kept.replace();
    assert_eq!(key(&kept).await.unwrap(), "new");
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_stay_rejected_are_not_got_for_every_call() {
    let source = Source::playing(&[Step::Gives("same")]);
    let kept = source.kept(&Arc::default());
    kept.wait().await;

    for _ in 0..20 {
        kept.replace();
        key(&kept).await.unwrap();
    }
    assert_eq!(source.asked(), 2);
    tokio::time::advance(PAUSE).await;
    kept.replace();
    key(&kept).await.unwrap();

    assert_eq!(source.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn absent_credentials_fail_calls_at_once_and_are_found_later() {
    let source = Source::playing(&[Step::HasNothing, Step::HasNothing, Step::Gives("late")]);
    let metrics: Arc<Metrics> = Arc::default();
    let kept = source.kept(&metrics);
    let start = Instant::now();

    let failure = key(&kept).await.unwrap_err();

    assert!(failure.contains("set AWS_PROFILE"), "{failure}");
    assert!(start.elapsed() < PATIENCE);
    assert!(!metrics.credentials_valid.is_set());
    kept.wait().await;
    assert_eq!(key(&kept).await.unwrap(), "late");
    assert!(metrics.credentials_valid.is_set());
}

#[tokio::test(start_paused = true)]
async fn source_that_hangs_at_the_start_holds_no_call_for_long() {
    let source = Source::playing(&[Step::Hangs, Step::Gives("late")]);
    let kept = source.kept(&Arc::default());
    let start = Instant::now();

    let first = key(&kept).await;
    let at_first = start.elapsed();
    let second = key(&kept).await;

    assert!(first.is_err() && second.is_err());
    assert_eq!(at_first, PATIENCE);
    assert_eq!(start.elapsed(), PATIENCE);
    kept.wait().await;
    assert_eq!(key(&kept).await.unwrap(), "late");
}

#[tokio::test(start_paused = true)]
async fn source_that_dies_later_leaves_what_was_had() {
    let source = Source::playing(&[Step::GivesFor("had", 900), Step::Hangs]);
    let kept = source.kept(&Arc::default());
    kept.wait().await;

    tokio::time::advance(Duration::from_secs(3600)).await;
    yield_now().await;
    let start = Instant::now();

    assert_eq!(key(&kept).await.unwrap(), "had");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(source.asked() > 1);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_replaced_before_they_expire() {
    let source = Source::playing(&[Step::GivesFor("old", 900), Step::GivesFor("new", 900)]);
    let kept = source.kept(&Arc::default());
    kept.wait().await;

    tokio::time::advance(Duration::from_secs(500)).await;
    yield_now().await;
    assert_eq!(key(&kept).await.unwrap(), "old");
    tokio::time::advance(Duration::from_secs(110)).await;
    yield_now().await;

    assert_eq!(key(&kept).await.unwrap(), "new");
}
