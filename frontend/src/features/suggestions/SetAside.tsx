import { Resting } from "./Resting";
import { Snoozed } from "./Snoozed";

/** Suggestions that nobody is asked about now: those that wait until they are worse, and those in quarantine. */
export default function SetAside() {
  return <><Snoozed /><Resting /></>;
}
