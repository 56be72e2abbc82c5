// Formatting alone, for code that draws nothing.
export { bytesWords, countWords, exactCount, plural } from "./number";
export { durationWords, exactSpan, exactWords, localMoment, relativeWords, shortMoment, spanWords } from "./time";
