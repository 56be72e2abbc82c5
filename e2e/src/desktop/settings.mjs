// The settings of a host, for tests that keep one past the screens.

/** Nothing is set, as a form leaves it. */
export const NOTHING_SET = {
  user: null,
  port: null,
  credential: null,
  jump: null,
  proxy: null,
  proxy_credential: null,
  environment: null,
  host_key_policy: null,
  keepalive_s: null,
  connect_timeout_s: null,
  compression: null,
  agent_forwarding: null,
  log: null,
  sudo_tier: null,
  terminal: null,
};
