//! The flag `--config`, for the verbs that read a configuration.

use std::path::PathBuf;

use super::Context;
use super::failure::Failure;
use crate::config::{Config, Overrides};

#[derive(Debug, clap::Args)]
pub(super) struct Configured {
    /// The configuration [default: hookcast.toml here, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

impl Configured {
    pub(super) fn load(&self, context: &Context) -> Result<Config, Failure> {
        self.load_with(&Overrides::default(), context)
    }

    pub(super) fn load_with(&self, overrides: &Overrides, context: &Context) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref(), overrides, context.environment.clone())?)
    }
}
