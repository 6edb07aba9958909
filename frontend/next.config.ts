import type { NextConfig } from "next";

const config: NextConfig = {
  output: "export",
  // Every file lies below our own path: on a host application, the site's root belongs to the host.
  assetPrefix: "/plugin-optimization",
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  compress: false, // `next dev` would hold back server-sent events
  images: { unoptimized: true },
  // The default is random, which would change the HTML and with it the hashes of the content security policy.
  generateBuildId: () => "plugin-optimization",
  // The repository holds one lock file; without this Next looks for others above it.
  turbopack: { root: import.meta.dirname },
};

export default config;
