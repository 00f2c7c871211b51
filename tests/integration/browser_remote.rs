//! Browsers that run elsewhere: a Selenium Grid, with a password, behind TLS, with a browser that dies.

mod browser {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use axum::Router;
    use axum::routing::get;

    use crate::support::{Grid, GridOptions, Site, folder_with, page, run_with_reports};

    /// Twelve scenarios, each with two pages.
    fn twelve(step: &str) -> Vec<(String, String)> {
        let spec = |index: usize| {
            let text = format!("name = \"visit {index}\"\n[[step]]\nopen = \"/\"\n{step}");
            (format!("specs/{index:02}.toml"), text)
        };
        (0..12).map(spec).collect()
    }

    /// A page that takes a while; counts how many ask for it at the same time.
    fn slow_page(delay: Duration) -> (Router, Arc<AtomicUsize>) {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&most);
        let visit = move || async move {
            counted.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(delay).await;
            now.fetch_sub(1, Ordering::SeqCst);
            page("<h1>here</h1>")
        };
        (Router::new().route("/", get(visit)), most)
    }

    fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
    }

    /// The Grid frees a slot a moment after it has answered.
    fn assert_all_free(grid: &Grid) {
        let started = Instant::now();
        while grid.sessions() > 0 {
            assert!(started.elapsed().as_secs() < 10, "sessions are left in the Grid");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[test]
    fn twelve_scenarios_use_the_four_slots_of_a_grid_at_once() {
        let grid = Grid::start(GridOptions { slots: 4, ..GridOptions::default() });
        let (router, most) = slow_page(Duration::from_millis(1500));
        let site = Site::start(router);
        let specs = twelve("expect.element.h1.text = \"here\"\n");
        let folder = folder_with(&borrowed(&specs));
        let judged = run_with_reports(&folder, &["--url", &site.url(), "--webdriver", &grid.url()], &[]);
        judged.assert_code(0);
        assert_eq!(most.load(Ordering::SeqCst), 4, "{}", judged.output.stdout);
        assert_all_free(&grid);
    }
}
