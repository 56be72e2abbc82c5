//! Content
use crate::StoreError;
use luumen_model::*;
use sea_orm::ConnectionTrait;
pub(crate) async fn missing(
    _db: &impl ConnectionTrait,
    _workspace: WorkspaceId,
    _hashes: &[ContentHash],
) -> Result<Vec<ContentHash>, StoreError> {
    Ok(Vec::new())
}
