//! The JSON document of a run, read back.

use std::path::Path;

use serde_json::Value;

/// What `--report json=PATH` wrote.
pub(crate) struct Document(pub(crate) Value);

impl Document {
    pub(crate) fn read(path: &Path) -> Self {
        Self(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    pub(crate) fn scenarios(&self) -> &[Value] {
        self.0["scenarios"].as_array().unwrap()
    }

    /// The steps of all scenarios that failed, as `scenario: step`.
    pub(crate) fn failed_steps(&self) -> Vec<String> {
        let mut failed = Vec::new();
        for scenario in self.scenarios() {
            for step in scenario["steps"].as_array().unwrap() {
                if step["verdict"] == "failed" {
                    failed.push(format!("{}: {}", scenario["name"].as_str().unwrap(), step["name"].as_str().unwrap()));
                }
            }
        }
        failed
    }

    /// The step of that name.
    pub(crate) fn step(&self, name: &str) -> &Value {
        let mut steps = self.scenarios().iter().flat_map(|scenario| scenario["steps"].as_array().unwrap());
        steps.find(|step| step["name"] == name).unwrap_or_else(|| panic!("there is no step {name:?}"))
    }
}
