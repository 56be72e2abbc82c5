//! Opens a subsystem, such as `sftp`, on a channel of its own.

use russh::{ChannelMsg, ChannelReadHalf};

use super::{closing::Closing, session::SshSession};
use crate::ExecError;

impl SshSession {
    pub(crate) async fn open_subsystem(&self, name: &str) -> Result<(ChannelReadHalf, Closing), ExecError> {
        let refused = |step| ExecError::Refused {
            endpoint: self.name(),
            step,
        };
        let channel = match self.connection().handle.channel_open_session().await {
            Ok(channel) => channel,
            Err(russh::Error::ChannelOpenFailure(_)) => return Err(refused("opening a channel")),
            Err(_) => return Err(self.lost_before_output()),
        };
        let (mut read, write) = Closing::split(channel);
        if write.request_subsystem(true, name).await.is_err() {
            return Err(self.lost_before_output());
        }
        loop {
            match read.wait().await {
                Some(ChannelMsg::Success) => return Ok((read, write)),
                Some(ChannelMsg::Failure | ChannelMsg::Close) => {
                    return Err(refused("starting the subsystem"));
                }
                Some(_) => {}
                None => return Err(self.lost_before_output()),
            }
        }
    }
}
