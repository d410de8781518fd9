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
        (&["listen", "**"], 64),
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

/// `**` alone is good as a grant, so people type it here too.
#[test]
fn a_pattern_without_a_stream_is_told_with_the_line_to_type() {
    let two = "[[source]]\nname = \"shop\"\nprovider = \"none\"\n[[source]]\nname = \"door\"\nprovider = \"none\"\n";
    let hookcast = Hookcast::with_config(two);
    let ran = hookcast.run(&["listen", "**"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (64, ""), "{ran:?}");
    assert!(ran.stderr.contains("`**` names no stream"), "{}", ran.stderr);
    assert!(ran.stderr.contains("type hookcast listen 'shop/**' 'door/**'\n"), "{}", ran.stderr);
    // What was not quoted is the names of the files here.
    let ran = hookcast.run(&["listen", "hookcast.toml"]);
    assert!(
        ran.stderr.contains("type hookcast listen 'shop/**' 'door/**', with the quotes"),
        "{}",
        ran.stderr
    );
    // Of a file with mistakes nothing is said: who listens elsewhere has no use for that.
    let ran = Hookcast::with_config("[servr]\n").run(&["listen", "**"]);
    assert!(
        ran.stderr.contains("type hookcast listen 'github/**'") && !ran.stderr.contains("servr"),
        "{}",
        ran.stderr
    );
}

/// A secret that is pasted in the wrong place would stay on the screen and in the log of whoever runs it.
#[test]
fn what_may_be_a_secret_is_never_quoted() {
    const PEM: &str =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIDn+8XyZ1w==\n-----END PRIVATE KEY-----";
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let hookcast = Hookcast::new();
    for (arguments, told) in [
        (&["send", "stripe", "--event", PEM][..], "what follows --event begins with a dash"),
        (&["send", "stripe", PEM], "there is no such option"),
        (&["send", "stripe", KEY], "an argument too many"),
        (&["send", "stripe", "abc"], "an argument too many"),
        (&["send", KEY], "no provider of that name"),
        (&["send", KEY, "--secret", "x"], "no provider of that name"),
        (&["send", "stripe", "--count", KEY], "the value of --count <N> is wrong"),
        (&["send", "stripe", "--rate", KEY], "the value of --rate <R> is wrong"),
        (&["token", "--subscribe", KEY], "the value of --subscribe"),
        (&["listen", "a/**", "--since", KEY], "the value of --since <S> is wrong: expected now"),
        (&["deliveries", "--source", PEM], "what follows --source"),
        (&["completions", KEY], "is wrong"),
        (&["listen", KEY], "is no pattern"),
        (&[KEY], "no verb of hookcast"),
        (&[PEM], "there is no such option"),
        (&[&format!("--{KEY}")], "there is no such option"),
    ] {
        let ran = hookcast.run(arguments);
        assert_eq!(ran.exit, 64, "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(told), "{arguments:?}: {}", ran.stderr);
        for piece in ["BEGIN", "MC4C", "8XyZ", "MfKQ9", "LaLaSw", "abc"] {
            assert!(!ran.stderr.contains(piece) && !ran.stdout.contains(piece), "{arguments:?}: {ran:?}");
        }
    }
    // What helps is said as before.
    for (arguments, told) in [
        (&["chek"][..], "'check'"),
        (&["check", "--confg", "x"], "'--config'"),
        (&["listen", "a/**", "--latest", "20"], "20 is not in 50..=60000"),
        (&["check", "hookcast.toml"], "unexpected argument 'hookcast.toml'"),
        (&["send", "stripe", "--secret", "--event", "x"], "--secret has no value: what follows is an option"),
        (&["send", "stripe", "--secret", "--event"], "a value is missing: what follows is an option"),
    ] {
        let ran = hookcast.run(arguments);
        assert_eq!(ran.exit, 64, "{arguments:?}");
        assert!(ran.stderr.contains(told), "{arguments:?}: {}", ran.stderr);
    }
    // A key that begins with dashes is a value as any other: nothing listens there, and that is all that is wrong.
    let ran = hookcast.run(&["send", "stripe", "--to", "http://127.0.0.1:1", "--secret", PEM]);
    assert_eq!(ran.exit, 69, "{ran:?}");
}
