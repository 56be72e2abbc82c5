// Formatting alone, for code that draws nothing.
export { bytesWords, countWords, exactCount, plural } from "./number";
export { clockWords, durationWords, exactSpan, exactWords, localMoment, relativeWords, shortMoment, spanWords, wholeSpan } from "./time";
