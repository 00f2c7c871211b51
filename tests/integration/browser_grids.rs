//! Several Grids, and Grids that others use too: who gets how many sessions, and when.

mod browser {
    use std::path::Path;
    use std::time::Duration;

    use crate::support::{
        Gate, Grid, GridOptions, Relay, Running, Site, copies, folder_with, signal, smokegate,
    };

    const OPEN: &str = "[[step]]\nopen = \"/\"\ntimeout = \"60s\"\nexpect.element.h1.text = \"here\"\n";

    /// How long a run is given to do what it must not.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// So many scenarios, at a page that keeps them until it is opened.
    struct Visit {
        gate: Gate,
        site: Site,
        folder: tempfile::TempDir,
    }

    impl Visit {
        fn of(scenarios: usize) -> Self {
            let gate = Gate::new();
            Self { site: Site::start(gate.router()), folder: folder_with(&copies(scenarios, OPEN)), gate }
        }

        fn start(&self, addresses: &[String]) -> Running {
            let target = self.site.url();
            let mut arguments = vec!["run", "--url", &target];
            arguments.extend(addresses.iter().flat_map(|address| ["--webdriver", address]));
            smokegate(arguments).folder(&self.folder).spawn()
        }

        #[track_caller]
        fn assert_passes(&self, run: Running) -> String {
            self.gate.open();
            let output = run.wait_with_output().unwrap();
            let told = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(0), "{told}");
            told
        }
    }

    #[test]
    fn two_grids_are_used_by_their_slots_and_what_others_take_is_waited_for() {
        let slots = |slots| Grid::start(GridOptions { slots, ..GridOptions::default() });
        let (large, small) = (slots(3), slots(1));
        sessions_are_in_proportion_to_the_slots(&large, &small);
        slots_that_become_free_are_used(&large);
        a_slot_is_waited_for(&small);
        an_interrupt_ends_the_waiting(&small);
        where_one_grid_is_full_the_other_is_used(&large, &small);
        one_bad_answer_on_the_way_is_no_lost_session(&small);
    }

    fn sessions_are_in_proportion_to_the_slots(large: &Grid, small: &Grid) {
        let visit = Visit::of(8);
        let run = visit.start(&[small.url(), large.url()]);
        visit.gate.wait_for(4);
        assert_eq!((large.sessions(), small.sessions()), (3, 1));
        let told = visit.assert_passes(run);
        assert!(told.contains("8 passed"), "{told}");
        assert_eq!(visit.gate.most(), 4, "{told}");
        large.assert_all_free();
        small.assert_all_free();
    }

    fn slots_that_become_free_are_used(grid: &Grid) {
        let visit = Visit::of(6);
        let held = [grid.hold_a_slot(), grid.hold_a_slot()];
        let run = visit.start(&[grid.url()]);
        visit.gate.wait_for(1);
        assert_eq!(visit.gate.most(), 1);
        drop(held);
        visit.gate.wait_for(3);
        visit.assert_passes(run);
        grid.assert_all_free();
    }

    fn a_slot_is_waited_for(grid: &Grid) {
        let visit = Visit::of(2);
        let held = grid.hold_a_slot();
        let mut run = visit.start(&[grid.url()]);
        std::thread::sleep(PATIENCE);
        assert_eq!(run.try_wait().unwrap(), None, "it waits");
        drop(held);
        visit.gate.wait_for(1);
        visit.assert_passes(run);
        grid.assert_all_free();
    }

    fn an_interrupt_ends_the_waiting(grid: &Grid) {
        let visit = Visit::of(2);
        let held = grid.hold_a_slot();
        let run = visit.start(&[grid.url()]);
        std::thread::sleep(PATIENCE);
        signal(&run, "INT");
        assert_eq!(run.wait_with_output().unwrap().status.code(), Some(130));
        drop(held);
        std::thread::sleep(PATIENCE);
        assert_eq!(grid.sessions(), 0, "nothing was left in the Grid's own queue");
    }

    fn where_one_grid_is_full_the_other_is_used(large: &Grid, small: &Grid) {
        let visit = Visit::of(3);
        let held = small.hold_a_slot();
        let run = visit.start(&[small.url(), large.url()]);
        visit.gate.wait_for(3);
        visit.assert_passes(run);
        drop(held);
        large.assert_all_free();
    }

    fn one_bad_answer_on_the_way_is_no_lost_session(grid: &Grid) {
        let visit = Visit::of(1);
        let relay = Relay::start(grid.authority(), "/window/handles");
        let run = visit.start(&[relay.url()]);
        visit.gate.wait_for(1);
        relay.wait_until_asked_twice();
        let told = visit.assert_passes(run);
        assert!(!told.contains("lost"), "{told}");
        assert_eq!(visit.gate.asked(), 1, "{told}");
    }

    /// A Grid whose browser is a script, as Debian's command for the headless shell: its driver ends the script and not
    /// the browser, for which it waits.
    #[test]
    fn a_session_that_does_not_close_is_told() {
        const SCRIPT: &str = "/usr/bin/chromium-headless-shell";
        if !Path::new(SCRIPT).exists() {
            return;
        }
        let grid = Grid::start(GridOptions { slots: 1, chromium: Some(SCRIPT), ..GridOptions::default() });
        let visit = Visit::of(1);
        let run = visit.start(&[grid.url()]);
        let told = visit.assert_passes(run);
        let notice = format!("a session at {} may still be open: not closed in 10 s", grid.url());
        assert!(told.contains(&notice) && told.contains("1 passed"), "{told}");
    }
}
