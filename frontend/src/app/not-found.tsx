import ko from "@/lib/i18n/ko.json";

/** Replaces the framework's own page, whose inline styles a strict content security policy refuses. */
export default function NotFound() {
  return (
    <main className="page">
      <div className="card empty">
        <h1>{ko["notFound.title"]}</h1>
        <p><a className="link" href="/plugin-optimization/">{ko["notFound.link"]}</a></p>
      </div>
    </main>
  );
}
