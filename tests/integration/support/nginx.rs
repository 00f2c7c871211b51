//! A real nginx that serves a folder of static files on a free loopback port.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// An nginx that is up as long as this lives.
pub(crate) struct Nginx {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts it with these files; none where no nginx is installed.
    pub(crate) fn start(files: &[(&str, &str)]) -> Option<Self> {
        let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
            .into_iter()
            .find(|program| Path::new(program).is_file())?;
        let folder = super::folder_with(files);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let conf = folder.path().join("nginx.conf");
        std::fs::create_dir_all(folder.path().join("site")).unwrap();
        std::fs::write(&conf, configuration(folder.path(), port)).unwrap();
        let process = Command::new(program)
            .args(["-q", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(&conf)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { process, port, folder };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(nginx)
    }

    /// Its address, without a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A file that it serves.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("site").join(name)
    }
}

/// One process, everything in its folder. `user` is heard only where root starts it: its folder is nobody else's.
fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/{name};"))
        .join("\n");
    format!(
        "user root;\ndaemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n\
         http {{\naccess_log off;\n{temporary}\n\
         types {{ text/html html; text/css css; image/svg+xml svg; text/plain txt; text/xml xml; }}\n\
         server {{ listen 127.0.0.1:{port}; root {folder}/site; }}\n}}\n"
    )
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
