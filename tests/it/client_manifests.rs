//! The table of languages in clients/README.md, made from the clients' manifests.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use roxmltree::Document;
use serde_json::Value;

const PAGE: &str = "clients/README.md";
const BEGIN: &str = "<!-- generated: languages -->\n";
const END: &str = "<!-- end -->";

/// What a row says of a client.
struct Client {
    language: &'static str,
    folder: &'static str,
    package: String,
    version: String,
    needs: String,
    library: String,
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before:?}"));
    rest.split_once(after)
        .unwrap_or_else(|| panic!("no {after:?}"))
        .0
}

fn go() -> Client {
    let manifest = read("clients/go/go.mod");
    Client {
        language: "Go",
        folder: "go",
        package: between(&manifest, "module ", "\n").to_owned(),
        // A module has its version from the tag.
        version: env!("CARGO_PKG_VERSION").to_owned(),
        needs: format!(
            "Go {}",
            between(&manifest, "\ngo ", "\n").trim_end_matches(".0")
        ),
        library: format!(
            "grpc-go {}",
            between(&manifest, "google.golang.org/grpc v", "\n")
        ),
    }
}

fn python() -> Client {
    let manifest: toml::Table = read("clients/python/pyproject.toml").parse().unwrap();
    let project = &manifest["project"];
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let dependencies = project["dependencies"].as_array().unwrap();
    let grpc = dependencies
        .iter()
        .map(text)
        .find(|one| one.starts_with("grpcio>"));
    Client {
        language: "Python",
        folder: "python",
        package: text(&project["name"]),
        version: text(&project["version"]),
        needs: format!(
            "Python {}",
            text(&project["requires-python"]).trim_start_matches(">=")
        ),
        library: grpc.unwrap().replace(">=", " "),
    }
}

fn typescript() -> Client {
    let manifest: Value = serde_json::from_str(&read("clients/typescript/package.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let library = "@connectrpc/connect-node";
    let version = text(&manifest["dependencies"][library]);
    Client {
        language: "TypeScript",
        folder: "typescript",
        package: text(&manifest["name"]),
        version: text(&manifest["version"]),
        needs: format!(
            "Node {}",
            text(&manifest["engines"]["node"]).trim_start_matches(">=")
        ),
        library: format!("{library} {}", version.trim_start_matches('^')),
    }
}

fn java() -> Client {
    let manifest = read("clients/java/pom.xml");
    let document = Document::parse(&manifest).unwrap();
    let root = document.root_element();
    let child = |name: &str| {
        let found = root.children().find(|node| node.has_tag_name(name));
        found.and_then(|node| node.text()).unwrap().to_owned()
    };
    let property = |name: &str| {
        let found = document
            .descendants()
            .find(|node| node.tag_name().name() == name);
        found.and_then(|node| node.text()).unwrap().to_owned()
    };
    Client {
        language: "Java",
        folder: "java",
        package: format!("{}:{}", child("groupId"), child("artifactId")),
        version: child("version"),
        needs: format!("Java {}", property("maven.compiler.release")),
        library: format!("grpc-java {}", property("grpc.version")),
    }
}

fn rust() -> Client {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let package = &manifest["package"];
    Client {
        language: "Rust",
        folder: "rust",
        package: format!("{}, module `client`", text(&package["name"])),
        version: text(&package["version"]),
        needs: format!("Rust {}", text(&package["rust-version"])),
        library: format!(
            "tonic {}",
            text(&manifest["dependencies"]["tonic"]["version"])
        ),
    }
}

#[test]
fn generated_table_of_languages_is_current() {
    let mut table =
        "| language | package | version | needs | on |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for client in [go(), java(), python(), rust(), typescript()] {
        let Client {
            language,
            folder,
            package,
            version,
            needs,
            library,
        } = client;
        table +=
            &format!("| [{language}]({folder}/) | {package} | {version} | {needs} | {library} |\n");
    }
    let text = read(PAGE);
    let old = between(&text, BEGIN, END);
    let current = text.replacen(&format!("{BEGIN}{old}"), &format!("{BEGIN}{table}"), 1);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(path(PAGE), &current).unwrap();
    }

    assert!(
        read(PAGE) == current,
        "{PAGE}: the table of languages is stale: run `UPDATE_GENERATED=1 cargo test generated`"
    );
}

#[test]
fn clients_have_the_version_of_the_gateway() {
    for client in [go(), java(), python(), rust(), typescript()] {
        assert_eq!(
            client.version,
            env!("CARGO_PKG_VERSION"),
            "{}",
            client.language
        );
    }
}
