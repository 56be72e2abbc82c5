//! luumen-workbench
