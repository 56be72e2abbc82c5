//! The advisories of an rpm repository: repomd.xml names the updateinfo and its hash.

use quick_xml::{Reader, events::Event};
use reqwest::Url;

use super::{Stop, Visit, plan::Wanted, transfer::TransferError};
use crate::{hash, keep::told, registry::RpmRepository};

/// What repomd.xml says of the advisories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct UpdateInfo {
    path: String,
    sha256: Option<String>,
}

/// Finds `<data type="updateinfo">`.
fn update_info(xml: &str) -> Result<Option<UpdateInfo>, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let (mut inside, mut hashing, mut found) = (false, false, UpdateInfo::default());
    loop {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) => {
                let attribute = |name: &str| {
                    let value = tag.try_get_attribute(name).ok()??;
                    Some(value.value.into_owned())
                };
                match tag.local_name().as_ref() {
                    "data" => inside = attribute("type").as_deref() == Some("updateinfo"),
                    "location" if inside => found.path = attribute("href").unwrap_or_default(),
                    "checksum" => hashing = inside && attribute("type").as_deref() == Some("sha256"),
                    _ => {}
                }
            }
            Event::Text(text) if hashing => {
                let text = text.trim().to_ascii_lowercase();
                found.sha256 = Some(text).filter(|text| hash::is_sha256(text));
                hashing = false;
            }
            Event::End(tag) if tag.local_name().as_ref() == "data" => inside = false,
            Event::Eof => return Ok((!found.path.is_empty()).then_some(found)),
            _ => {}
        }
    }
}

impl Visit<'_> {
    pub(super) async fn repositories(&mut self, repositories: &[RpmRepository]) -> Result<(), Stop> {
        for (at, repository) in repositories.iter().enumerate() {
            if self.gives_up(repositories.len() - at) {
                break;
            }
            self.check_cancelled()?;
            match self.repository(repository).await {
                Ok(wanted) => {
                    self.document(&wanted).await?;
                    self.folder.save()?;
                }
                Err(RepositoryError::Transfer(TransferError::Cancelled)) => return Err(Stop::Cancelled),
                Err(error) => {
                    if matches!(&error, RepositoryError::Transfer(error) if error.is_of_publisher()) {
                        self.in_vain += 1;
                    }
                    self.trouble(&repository.name, told(&error));
                }
            }
        }
        Ok(())
    }

    async fn repository(&mut self, repository: &RpmRepository) -> Result<Wanted, RepositoryError> {
        let base = self.source.base.as_deref().unwrap_or_default();
        let root = match (&repository.mirror_list, &repository.path) {
            (Some(list), _) => {
                let list = self.small(&format!("{base}{list}")).await?;
                first_mirror(&list).ok_or(RepositoryError::NoMirror)?
            }
            (None, path) => format!("{base}{}", path.as_deref().unwrap_or_default()),
        };
        let root = format!("{}/", root.trim_end_matches('/'));
        let repomd = self.small(&format!("{root}repodata/repomd.xml")).await?;
        let found = update_info(&repomd)?.ok_or(RepositoryError::NoAdvisories)?;
        let url = Url::parse(&root)
            .and_then(|root| root.join(&found.path))
            .map_err(|_| RepositoryError::NoAdvisories)?;
        let ending = found
            .path
            .rsplit_once("updateinfo")
            .map_or(".xml", |(_, ending)| ending);
        let mut wanted = Wanted::new(url.as_str(), "");
        wanted.name = format!("{}/updateinfo{}", repository.name, ending.replace('/', ""));
        wanted.sha256 = found.sha256;
        Ok(wanted)
    }
}

fn first_mirror(list: &str) -> Option<String> {
    let mut lines = list.lines().map(str::trim);
    lines.find(|line| line.starts_with("http")).map(str::to_owned)
}

#[derive(Debug, thiserror::Error)]
enum RepositoryError {
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error("its list of mirrors names none")]
    NoMirror,
    #[error("its repomd.xml names no updateinfo")]
    NoAdvisories,
    #[error("its repomd.xml cannot be read")]
    Xml(#[from] quick_xml::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repomd_names_the_advisories() {
        let hash = "ab".repeat(32);
        let xml = format!(
            r#"<?xml version="1.0"?><repomd xmlns="http://linux.duke.edu/metadata/repo">
            <data type="primary"><checksum type="sha256">{}</checksum><location href="repodata/primary.xml.gz"/></data>
            <data type="updateinfo"><checksum type="sha256">{hash}</checksum>
              <open-checksum type="sha256">{}</open-checksum><location href="repodata/1-updateinfo.xml.gz"/></data>
            </repomd>"#,
            "cd".repeat(32),
            "ef".repeat(32)
        );
        let found = update_info(&xml).expect("xml");
        assert_eq!(
            found,
            Some(UpdateInfo {
                path: "repodata/1-updateinfo.xml.gz".to_owned(),
                sha256: Some(hash)
            })
        );
        assert_eq!(update_info("<repomd></repomd>").expect("xml"), None);
    }
}
