import { Skeleton } from "@/components/ui/Skeleton";

/** Stands where a page is still on its way; as high as a whole page where one is swapped in for it. */
export function Waiting({ page = false }: { page?: boolean }) {
  return <div className={page ? "card waiting-page" : "card"}><Skeleton lines={4} label="…" /></div>;
}
