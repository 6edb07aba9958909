import { Skeleton } from "@/components/ui/Skeleton";

/** Stands where a page is still on its way. */
export function Waiting() {
  return <div className="card"><Skeleton lines={4} label="…" /></div>;
}
