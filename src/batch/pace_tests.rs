//! The pace against simulated servers, on a clock that jumps from timer to timer.

use std::{cell::RefCell, rc::Rc};

use tokio::{task::LocalSet, time::sleep};

use super::*;

/// A server that allows so many requests in any second. Refused ones count too, if it is a
/// strict one.
struct Server {
    allowed: usize,
    is_strict: bool,
    latency: Duration,
    retry_after: Option<Duration>,
    seen: RefCell<VecDeque<Instant>>,
    /// Answers 200, and answers 429.
    answers: RefCell<(usize, usize)>,
}

impl Server {
    fn new(allowed: usize) -> Self {
        Self {
            allowed,
            is_strict: true,
            latency: Duration::from_millis(80),
            retry_after: None,
            seen: RefCell::default(),
            answers: RefCell::default(),
        }
    }

    /// Whether the request is answered with 200.
    async fn request(&self) -> bool {
        sleep(self.latency / 2).await;
        let now = Instant::now();
        let accepted = {
            let mut seen = self.seen.borrow_mut();
            while seen.pop_front_if(|then| now - *then >= Duration::from_secs(1)).is_some() {}
            let accepted = seen.len() < self.allowed;
            if accepted || self.is_strict {
                seen.push_back(now);
            }
            let mut answers = self.answers.borrow_mut();
            *(if accepted { &mut answers.0 } else { &mut answers.1 }) += 1;
            accepted
        };
        sleep(self.latency / 2).await;
        accepted
    }
}

/// Waits for a turn.
async fn turn(pace: &RefCell<Pace>) {
    loop {
        let turned = pace.borrow_mut().try_turn(Instant::now());
        match turned {
            Ok(()) => return,
            Err(next) => tokio::time::sleep_until(next).await,
        }
    }
}

/// Eight jobs send so many requests, each until it is accepted. How long it took.
async fn run(server: Server, rate: f64, requests: usize) -> (Server, Duration) {
    let start = Instant::now();
    let (server, pace) = (Rc::new(server), Rc::new(RefCell::new(Pace::new(rate))));
    let left = Rc::new(RefCell::new(requests));
    let jobs = LocalSet::new();
    for _ in 0..8 {
        let (server, pace, left) = (Rc::clone(&server), Rc::clone(&pace), Rc::clone(&left));
        jobs.spawn_local(async move {
            loop {
                match &mut *left.borrow_mut() {
                    0 => return,
                    left => *left -= 1,
                }
                turn(&pace).await;
                while !server.request().await {
                    pace.borrow_mut().slow_down(Instant::now(), server.retry_after);
                    turn(&pace).await;
                }
            }
        });
    }
    jobs.await;
    let server = Rc::into_inner(server).expect("all jobs have ended");
    (server, start.elapsed())
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_little_under_the_limit_nothing_is_refused_and_no_time_is_lost() {
    for latency in [10, 80, 400, 1500] {
        let server = Server { latency: Duration::from_millis(latency), ..Server::new(5) };
        let (server, taken) = run(server, 4.0, 160).await;
        assert_eq!(server.answers.into_inner(), (160, 0));
        assert!(taken <= seconds(42.0), "{taken:?} at {latency} ms");
        assert!(taken >= seconds(159.0 / 4.0));
    }
}

#[tokio::test(start_paused = true)]
async fn above_the_limit_everything_succeeds_and_few_are_refused() {
    for allowed in [1, 2, 3] {
        for is_strict in [true, false] {
            for latency in [10, 80, 400, 1000] {
                for retry_after in [None, Some(seconds(0.0)), Some(seconds(2.0))] {
                    let latency = Duration::from_millis(latency);
                    let server = Server::new(allowed);
                    let server = Server { is_strict, latency, retry_after, ..server };
                    let (server, taken) = run(server, 4.0, 160).await;
                    let (good, refused) = server.answers.into_inner();
                    assert_eq!(good, 160);
                    let name = format!("{allowed}, {is_strict}, {latency:?}, {retry_after:?}");
                    // A far lower pace takes several steps down, each with its 429s.
                    let share = [8, 10, 10][allowed - 1];
                    assert!(refused * share <= good + refused, "{refused} refused: {name}");
                    // Not slower than it must be, by much.
                    let ideal = 160.0 / f64::from(u32::try_from(allowed).expect("few"));
                    assert!(taken <= seconds(ideal * 1.5), "{taken:?}: {name}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn turns_are_evenly_spaced_and_unused_time_makes_no_burst() {
    let pace = RefCell::new(Pace::new(4.0));
    let start = Instant::now();
    turn(&pace).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleep(seconds(10.0)).await;
    let mut times = Vec::new();
    for _ in 0..4 {
        turn(&pace).await;
        times.push((start.elapsed().as_secs_f64() * 20.0).round() / 20.0);
    }
    assert_eq!(times, [10.0, 10.25, 10.5, 10.75]);
}

#[tokio::test(start_paused = true)]
async fn a_429_pauses_those_who_wait_already() {
    for (retry_after, pause) in [(None, 1.0), (Some(0.1), 1.0), (Some(30.0), 30.0)] {
        let pace = RefCell::new(Pace::new(4.0));
        turn(&pace).await;
        let start = Instant::now();
        let slow = async {
            sleep(seconds(0.1)).await;
            pace.borrow_mut().slow_down(Instant::now(), retry_after.map(seconds));
        };
        tokio::join!(turn(&pace), slow);
        let waited = start.elapsed().as_secs_f64() - 0.1;
        assert!((pause..pause + 0.01).contains(&waited), "{waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_429_does_not_shorten_the_wait() {
    let pace = RefCell::new(Pace::new(4.0));
    turn(&pace).await;
    let start = Instant::now();
    pace.borrow_mut().slow_down(start, Some(seconds(30.0)));
    pace.borrow_mut().slow_down(start, None);
    turn(&pace).await;
    assert!(start.elapsed() >= seconds(30.0), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_lowered_once_for_all_requests_under_way_and_creeps_back() {
    let pace = RefCell::new(Pace::new(4.0));
    turn(&pace).await;
    for _ in 0..8 {
        pace.borrow_mut().slow_down(Instant::now(), None);
    }
    assert_eq!(pace.borrow().per_second(), Some(4.0 * LOWERED));
    for _ in 0..20 {
        turn(&pace).await;
    }
    assert!(pace.borrow().per_second().expect("a limit") < 4.0);
    for _ in 0..70 {
        turn(&pace).await;
    }
    assert_eq!(pace.borrow().per_second(), Some(4.0));
}

#[tokio::test(start_paused = true)]
async fn a_pace_that_was_lowered_many_times_is_back_in_minutes() {
    let pace = RefCell::new(Pace::new(8.0));
    for _ in 0..30 {
        turn(&pace).await;
        pace.borrow_mut().slow_down(Instant::now(), None);
    }
    assert_eq!(pace.borrow().per_second(), Some(SLOWEST));
    let start = Instant::now();
    while pace.borrow().per_second().expect("a limit") < 8.0 {
        turn(&pace).await;
    }
    assert!(start.elapsed() < seconds(300.0), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nobody_waits_until_the_server_says_so() {
    let pace = RefCell::new(Pace::new(0.0));
    let start = Instant::now();
    for _ in 0..10_000 {
        turn(&pace).await;
    }
    assert_eq!((start.elapsed(), pace.borrow().per_second()), (Duration::ZERO, None));
    let (server, taken) = run(Server::new(20), 0.0, 2000).await;
    let (good, refused) = server.answers.into_inner();
    assert_eq!(good, 2000);
    assert!(refused * 10 <= 2000 && taken < seconds(200.0), "{refused} refused in {taken:?}");
}

#[tokio::test(start_paused = true)]
async fn absurd_numbers_do_no_harm() {
    for rate in [f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NAN, -1.0, 1e-9] {
        let pace = RefCell::new(Pace::new(rate));
        let start = Instant::now();
        turn(&pace).await;
        pace.borrow_mut().slow_down(Instant::now(), Some(Duration::MAX));
        turn(&pace).await;
        assert!(start.elapsed() <= LONGEST_PAUSE + seconds(1.0), "{rate}");
        turn(&pace).await;
        assert!(start.elapsed() <= 3 * LONGEST_PAUSE, "{rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_gives_up_takes_no_turn() {
    let pace = RefCell::new(Pace::new(1.0));
    turn(&pace).await;
    let given_up = tokio::time::timeout(seconds(0.5), turn(&pace)).await;
    assert!(given_up.is_err());
    let start = Instant::now();
    turn(&pace).await;
    assert!(start.elapsed() <= seconds(0.51));
}
