//! Containers, by runtime. A runtime that is there and could not be asked is said, for "none" must mean none.

use luumen_model::{Container, Containers};
use serde_json::Value;

use crate::{
    transcript::Fate,
    view::{Notes, View},
};

/// Programs by which a runtime is known.
const RUNTIMES: [(&str, &str); 8] = [
    ("/usr/bin/docker", "docker"),
    ("/usr/bin/podman", "podman"),
    ("/usr/bin/containerd", "containerd"),
    ("/usr/bin/crio", "cri-o"),
    ("/usr/bin/crictl", "crictl"),
    ("/usr/local/bin/crictl", "crictl"),
    ("/usr/local/bin/k3s", "k3s"),
    ("/usr/bin/k3s", "k3s"),
];

/// Daemons of runtimes, by the name of their process.
const DAEMONS: [(&str, &str); 4] = [
    ("dockerd", "docker"),
    ("containerd", "containerd"),
    ("crio", "cri-o"),
    ("k3s-server", "k3s"),
];

/// Programs that run for a container of an account but root's: its network, or the whole daemon.
const ROOTLESS: [&str; 4] = ["rootlessport", "slirp4netns", "pasta", "rootlesskit"];

const DOCKER: [&str; 2] = ["containers.docker", "containers.docker_sudo"];
const CRI: [&str; 2] = ["containers.crictl", "containers.k3s"];

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Containers> {
    // One that was put elsewhere is known by its daemon.
    let known = view.programs(&mut Notes::default()).unwrap_or_default();
    let installed = RUNTIMES.iter().filter(|(path, _)| view.exists(path));
    let running = DAEMONS.iter().filter(|(process, _)| known.contains(process));
    let mut runtimes: Vec<String> = Vec::new();
    for (_, name) in installed.chain(running) {
        if !runtimes.iter().any(|runtime| runtime == name) {
            runtimes.push((*name).to_owned());
        }
    }
    if runtimes.is_empty() {
        return None;
    }
    let mut items = Vec::new();
    for (id, runtime) in [
        (DOCKER[0], "docker"),
        (DOCKER[1], "docker"),
        ("containers.podman", "podman"),
    ] {
        let lines = view.output(id).unwrap_or_default().lines();
        for line in lines.filter(|line| !line.trim().is_empty()) {
            match container(line, runtime) {
                Some(container) => items.push(container),
                None => notes.odd(id, "not a line of ps", line),
            }
        }
    }
    for (id, runtime) in [(CRI[0], "containerd"), (CRI[1], "k3s")] {
        if let Some(text) = view.output(id).filter(|text| !text.trim().is_empty()) {
            items.extend(cri(text, runtime, id, notes));
        }
    }
    items.sort_by(|a, b| (&a.runtime, &a.name, &a.id).cmp(&(&b.runtime, &b.name, &b.id)));
    items.dedup();
    let not_read = not_read(view, &runtimes, notes);
    Some(Containers {
        runtimes,
        items,
        not_read,
    })
}

/// What is there and was not asked; what was asked and did not answer is noted by its command.
fn not_read(view: &View<'_>, runtimes: &[String], notes: &mut Notes) -> Vec<String> {
    let has = |name: &str| runtimes.iter().any(|runtime| runtime == name);
    let known = view.programs(notes);
    let hidden = known.is_none();
    let programs = known.unwrap_or_default();
    let mut out = Vec::new();
    // A client alone has no containers on this host.
    let engine = view.exists("/usr/bin/dockerd") || programs.contains("dockerd");
    let absent = |ids: &[&str]| ids.iter().all(|id| view.fate(id) == Fate::Absent);
    if has("docker") && engine && untold(view, &DOCKER) {
        if absent(&DOCKER) {
            let why = if hidden {
                "there is no /var/run/docker.sock to ask Docker by, so its containers are not known"
            } else if programs.contains("dockerd") {
                "Docker listens elsewhere than on /var/run/docker.sock, so its containers are not known"
            } else {
                "Docker is installed and does not run, so its containers are not known"
            };
            notes.problem(DOCKER[0], why);
        }
        out.push("docker".to_owned());
    }
    // Docker has a containerd of its own. One that does not run keeps its containers all the same.
    let kubernetes =
        (has("containerd") && !engine) || ["cri-o", "crictl", "k3s"].iter().any(|name| has(name));
    if kubernetes && untold(view, &CRI) {
        let name = if has("cri-o") { "cri-o" } else { "containerd" };
        if absent(&CRI) {
            notes.problem(
                CRI[0],
                &format!("{name} is there, and no crictl to ask it for containers"),
            );
        }
        out.push(name.to_owned());
    }
    if has("podman") {
        if untold(view, &["containers.podman"]) && view.fate("containers.podman") != Fate::Absent {
            out.push("podman".to_owned());
        }
        // Asking for them would write into the accounts' homes.
        out.push("podman (users)".to_owned());
    }
    if ROOTLESS.iter().any(|name| programs.contains(name)) {
        notes.problem(
            "containers.podman",
            "containers of users run here, and those are not read",
        );
    }
    out
}

/// True when none of the commands gave an answer. One that fails without a word of its own was not let in, or has nobody to
/// ask: the engine is stopped.
fn untold(view: &View<'_>, ids: &[&str]) -> bool {
    ids.iter().all(|id| view.answer(id).is_none())
}

/// What `crictl ps -o json` says: a list of CRI's `Container` messages.
fn cri(text: &str, runtime: &str, id: &str, notes: &mut Notes) -> Vec<Container> {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    let Some(list) = parsed.as_ref().and_then(|all| all.get("containers")?.as_array()) else {
        notes.problem(id, "not the JSON of crictl ps");
        return Vec::new();
    };
    list.iter()
        .filter_map(|one| cri_container(one, runtime))
        .collect()
}

fn cri_container(one: &Value, runtime: &str) -> Option<Container> {
    let text = |path: &str| one.pointer(path).and_then(Value::as_str).unwrap_or("");
    let label = |name: &str| one.get("labels").and_then(|labels| labels.get(name)?.as_str());
    let name = text("/metadata/name");
    let name = match (
        label("io.kubernetes.pod.namespace"),
        label("io.kubernetes.pod.name"),
    ) {
        (Some(namespace), Some(pod)) => format!("{namespace}/{pod}/{name}"),
        _ => name.to_owned(),
    };
    let digest = Some(text("/imageRef")).filter(|digest| !digest.is_empty());
    let state = text("/state").trim_start_matches("CONTAINER_").to_lowercase();
    Some(Container {
        id: text("/id").chars().take(12).collect(),
        name,
        runtime: runtime.to_owned(),
        image: text("/image/image").to_owned(),
        image_id: digest.map(|digest| digest.rsplit('@').next().unwrap_or(digest).to_owned()),
        state,
        ports: Vec::new(),
    })
    .filter(|container| !container.id.is_empty())
}

/// `id|name|image|state|ports`.
fn container(line: &str, runtime: &str) -> Option<Container> {
    let fields: Vec<&str> = line.splitn(5, '|').collect();
    let [id, name, image, state, ports] = fields.as_slice() else {
        return None;
    };
    let (image, image_id) = match image.split_once("@sha256:") {
        Some((name, digest)) => (name, Some(format!("sha256:{digest}"))),
        None => (*image, None),
    };
    let ports: Vec<String> = ports
        .split(", ")
        .filter(|port| !port.is_empty())
        .map(str::to_owned)
        .collect();
    Some(Container {
        id: id.chars().take(12).collect(),
        name: (*name).to_owned(),
        runtime: runtime.to_owned(),
        image: image.to_owned(),
        image_id,
        state: state.to_lowercase(),
        ports,
    })
}

#[cfg(test)]
mod tests {
    use super::{container, cri};
    use crate::view::Notes;

    #[test]
    fn reads_a_container() {
        let seen = container(
            "0123456789abcdef|web|nginx@sha256:aa|running|0.0.0.0:80->80/tcp, :::80->80/tcp",
            "docker",
        )
        .expect("a container");
        assert_eq!(
            (
                seen.id.as_str(),
                seen.image.as_str(),
                seen.image_id.as_deref(),
                seen.ports.len()
            ),
            ("0123456789ab", "nginx", Some("sha256:aa"), 2)
        );
        assert!(container("odd", "docker").is_none());
    }

    #[test]
    fn reads_what_crictl_says() {
        let text = r#"{"containers":[{"id":"0123456789abcdef","podSandboxId":"aa","metadata":{"name":"web","attempt":0},
            "image":{"image":"registry.example/web:1"},"imageRef":"registry.example/web@sha256:bb","state":"CONTAINER_RUNNING",
            "labels":{"io.kubernetes.pod.name":"web-1","io.kubernetes.pod.namespace":"shop"}},{"odd":1}]}"#;
        let mut notes = Notes::default();
        let seen = cri(text, "containerd", "containers.crictl", &mut notes);
        assert_eq!(seen.len(), 1);
        let one = &seen[0];
        assert_eq!(
            (
                one.id.as_str(),
                one.name.as_str(),
                one.state.as_str(),
                one.image_id.as_deref()
            ),
            ("0123456789ab", "shop/web-1/web", "running", Some("sha256:bb"))
        );
        assert!(cri("none", "containerd", "containers.crictl", &mut notes).is_empty());
        assert_eq!(notes.problems.len(), 1);
    }
}
