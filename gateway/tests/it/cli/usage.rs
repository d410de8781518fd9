//! Help, exit codes and the verbs that only print.

use super::Hookcast;

/// What a terminal shows without scrolling, by old custom.
const SCREEN: (usize, usize) = (80, 24);

fn verbs() -> Vec<String> {
    let help = Hookcast::new().run(&["--help"]).stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_help_fits_a_screen() {
    let verbs = verbs();
    assert!(verbs.len() >= 7, "{verbs:?}");
    for arguments in verbs.iter().map(|verb| vec![verb.as_str(), "--help"]).chain([vec!["--help"]]) {
        let ran = Hookcast::new().run(&arguments);
        assert_eq!(ran.exit, 0);
        let width = ran.stdout.lines().map(|line| line.chars().count()).max().unwrap();
        let size = (width, ran.stdout.lines().count());
        assert!(
            size.0 <= SCREEN.0 + 20 && size.1 <= SCREEN.1,
            "{arguments:?} takes {size:?}:\n{}",
            ran.stdout
        );
    }
}

#[test]
fn wrong_usage_is_64_and_what_cannot_be_reached_69() {
    for (arguments, exit) in [
        (&["nope"][..], 64),
        (&[], 64),
        (&["check", "--nope"], 64),
        (&["ready", "--url", "ftp://x"], 64),
        (&["listen"], 64),
        (&["listen", "*/x"], 64),
        (&["listen", "a/**", "--since", "later"], 64),
        (&["--version"], 0),
        // Port 1 of this machine: nothing listens there, and nobody may.
        (&["ready", "--url", "http://127.0.0.1:1"], 69),
        (&["listen", "a/**", "--url", "http://127.0.0.1:1"], 69),
    ] {
        let ran = Hookcast::new().run(arguments);
        assert_eq!(ran.exit, exit, "{arguments:?}: {ran:?}");
    }
}

#[test]
fn completions_and_the_manual_name_every_verb() {
    let manual = Hookcast::new().run(&["man"]).stdout;
    for shell in ["bash", "zsh", "fish"] {
        let completions = Hookcast::new().run(&["completions", shell]).stdout;
        for verb in verbs() {
            assert!(completions.contains(&verb) && manual.contains(&verb), "{shell} {verb}");
        }
    }
}
