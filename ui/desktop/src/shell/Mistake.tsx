// A part of the screen that made a mistake says so, and the rest goes on.
import { Failed } from "@luumen/kit";
import { Component, type ReactNode } from "react";

interface State {
  error: unknown;
}

export class Mistake extends Component<{ doing: string; children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error ?? new Error("nothing was told") };
  }

  override render() {
    const { doing, children } = this.props;
    if (this.state.error === null) return children;
    return <Failed doing={doing} error={this.state.error} onRetry={() => this.setState({ error: null })} />;
  }
}
