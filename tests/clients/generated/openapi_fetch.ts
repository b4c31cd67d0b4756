// A client's month, written by somebody who has nothing but openapi.json: openapi-typescript's types
// and openapi-fetch. Run with the address of the API; prints what came of it as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Problem = components["schemas"]["Problem"];
type Answer<Data> = { data?: Data; error?: Problem; response: Response };

const base = process.argv[2] ?? "";
const run = process.argv[3] ?? "";
let calls = 0;

const agencySlug = `fetch-${run}`;
const password = `correct horse ${run} battery`;

function speaker(token = "") {
  const client = createClient<paths>({ baseUrl: base });
  client.use({
    onRequest({ request }) {
      calls += 1;
      if (token) request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
  });
  return client;
}

async function ok<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked;
  if (error !== undefined || !response.ok) {
    throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  }
  return data as Data;
}

async function refused<Data>(asked: Promise<Answer<Data>>): Promise<Problem> {
  const { error, response } = await asked;
  if (error === undefined) throw new Error(`${response.url}: ${response.status}, not refused`);
  return error;
}

const anybody = speaker();

async function logIn(username: string): Promise<string> {
  const tokens = await ok(
    anybody.POST("/v1/auth/token", {
      body: { grant_type: "password", username, password, agency: agencySlug },
      bodySerializer: (form) => new URLSearchParams(Object.entries(form) as [string, string][]),
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    }),
  );
  return tokens.access_token;
}

const address = (name: string) => `${name}.${agencySlug}@people.example`;

// The agency and its people.
const signedUp = await ok(
  anybody.POST("/v1/agencies", {
    body: {
      name: "Estudio Norte",
      slug: agencySlug,
      locale: "es-ES",
      timezone: "Europe/Madrid",
      currency: "EUR",
      owner: { name: "Nora Vives", email: address("nora"), password },
    },
  }),
);
const owner = speaker(await logIn(address("nora")));
const wrong = await refused(
  anybody.POST("/v1/auth/token", {
    body: { grant_type: "password", username: address("nora"), password: "not this one" },
    bodySerializer: (form) => new URLSearchParams(Object.entries(form) as [string, string][]),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  }),
);

type Invitation = components["schemas"]["InvitationCreate"];

async function hire(name: string, email: string, how: Pick<Invitation, "kind" | "duties">) {
  const written = await ok(owner.POST("/v1/invitations", { body: { email, name, ...how } }));
  const accepted = await ok(
    anybody.POST("/v1/invitations/accept", { body: { token: written.token, name, password } }),
  );
  return { id: accepted.membership.id, api: speaker(accepted.tokens.access_token) };
}

const executive = await hire("Irene Salvatierra", address("irene"), { kind: "staff" });
const manager = await hire("Tomás Rey", address("tomas"), { kind: "staff" });
const community = await hire("Laia Font", address("laia"), { kind: "staff" });

// An edit of what was seen, and one of what no longer stands.
const seen = await owner.GET("/v1/agency");
const etag = seen.response.headers.get("etag") ?? "";
const branding = { primary: "#12403C", accent: "#E07A5F" };
const branded = await ok(
  owner.PATCH("/v1/agency", { params: { header: { "If-Match": etag } }, body: { branding } }),
);
const stale = await refused(
  owner.PATCH("/v1/agency", { params: { header: { "If-Match": etag } }, body: { branding } }),
);

// The client, its team and its contract.
const client = await ok(
  owner.POST("/v1/clients", {
    body: {
      name: "Café Aurora",
      sector: { es: "Cafeterías", en: "Coffee" },
      status: "active",
      lead_membership_id: executive.id,
    },
  }),
);
const ofClient = { path: { client_id: client.id } };
for (const [duty, { id }] of [
  ["social_media_manager", manager],
  ["community_manager", community],
] as const) {
  const body = { membership_id: id, duty, is_lead: true };
  await ok(owner.POST("/v1/clients/{client_id}/assignments", { params: ofClient, body }));
}
const approver = await hire("Clara Montes", address("clara"), {
  kind: "client_contact",
  duties: [{ client_id: client.id, duty: "approver" }],
});
const contract = await ok(
  executive.api.POST("/v1/contracts", {
    body: {
      client_id: client.id,
      title: "Gestión de redes 2026",
      starts_on: "2026-01-01",
      ends_on: "2026-12-31",
      monthly_fee: { amount_minor: 340_000, currency: "EUR" },
    },
  }),
);
const inForce = await ok(
  executive.api.POST("/v1/contracts/{contract_id}/activate", {
    params: { path: { contract_id: contract.id } },
  }),
);

// One proposal: campaign, scope and budget.
const budget = await ok(
  manager.api.POST("/v1/budgets", {
    body: {
      client_id: client.id,
      name: "Octubre 2026",
      period_start: "2026-10-01",
      period_end: "2026-10-31",
      lines: [
        { category: "paid_media", label: { es: "Publicidad" }, planned_minor: 600_000 },
        { category: "contingency", label: { es: "Reserva" }, planned_minor: 100_000 },
      ],
    },
  }),
);
const campaign = await ok(
  executive.api.POST("/v1/campaigns", {
    body: {
      client_id: client.id,
      name: "Vuelve el tueste lento",
      goal: "awareness",
      formats: ["promotion", "ads"],
      starts_on: "2026-10-01",
      ends_on: "2026-10-31",
      budget_id: budget.id,
      contract_id: contract.id,
    },
  }),
);
const scope = await ok(
  executive.api.POST("/v1/scopes", {
    body: {
      client_id: client.id,
      campaign_id: campaign.id,
      contract_id: contract.id,
      title: "Alcance de octubre",
      currency: "EUR",
      starts_on: "2026-10-01",
      ends_on: "2026-10-31",
      lines: [
        {
          label: { es: "Reels", en: "Reels" },
          kind: "reel",
          measure: "piece",
          quantity: 2,
          unit_price: { amount_minor: 9_000, currency: "EUR" },
          revision_rounds: 2,
          due_on: "2026-10-31",
        },
        {
          label: { es: "Comunidad (días)", en: "Community (days)" },
          kind: "community",
          measure: "service_period",
          quantity: 31,
          unit_price: { amount_minor: 3_500, currency: "EUR" },
        },
      ],
    },
  }),
);
const ofCampaign = { path: { campaign_id: campaign.id } };
await ok(
  executive.api.POST("/v1/campaigns/{campaign_id}/propose", {
    params: ofCampaign,
    body: { scope_id: scope.id, budget_id: budget.id },
  }),
);

// The client decides once, on what was shown.
const waiting = await ok(
  approver.api.GET("/v1/approvals", { params: { query: { waiting_on: "me" } } }),
);
const ofApproval = { path: { approval_id: waiting.data[0]?.id ?? "" } };
const approval = await ok(
  approver.api.GET("/v1/approvals/{approval_id}", { params: ofApproval }),
);
const decided = await ok(
  approver.api.POST("/v1/approvals/{approval_id}/decide", {
    params: ofApproval,
    body: { outcome: "approved", content_sha256: approval.content_sha256 },
  }),
);
const active = await ok(
  executive.api.POST("/v1/campaigns/{campaign_id}/activate", { params: ofCampaign }),
);

// A reel on its way, and a day counted.
const [reels, days] = scope.lines;
if (!reels || !days) throw new Error("the scope has no lines");
const deliverable = await ok(
  community.api.POST("/v1/deliverables", { body: { line_id: reels.id } }),
);
const ofDeliverable = { params: { path: { deliverable_id: deliverable.id } } };
const work = { url: "https://files.example/tueste.mp4" };
await ok(community.api.POST("/v1/deliverables/{deliverable_id}/start", ofDeliverable));
await ok(
  community.api.POST("/v1/deliverables/{deliverable_id}/submit", { ...ofDeliverable, body: work }),
);
await ok(manager.api.POST("/v1/deliverables/{deliverable_id}/approve", ofDeliverable));
await ok(approver.api.POST("/v1/deliverables/{deliverable_id}/approve", ofDeliverable));
const delivered = await ok(
  community.api.POST("/v1/deliverables/{deliverable_id}/deliver", {
    ...ofDeliverable,
    body: { url: "https://instagram.example/p/tueste", published_at: "2026-10-08T18:30:00+02:00" },
  }),
);
await ok(
  community.api.POST("/v1/scope-lines/{line_id}/accruals", {
    params: { path: { line_id: days.id } },
    body: { quantity: 1, counted_on: "2026-10-01" },
  }),
);

// Money: two kinds of one body, and a refusal by name.
const [media, reserve] = budget.lines;
if (!media || !reserve) throw new Error("the budget has no lines");
const onMedia = { params: { path: { line_id: media.id } } };
const committed = await ok(
  manager.api.POST("/v1/budget-lines/{line_id}/entries", {
    ...onMedia,
    body: { kind: "commitment", amount_minor: 500_000, payee: "Meta" },
  }),
);
const moved = await ok(
  manager.api.POST("/v1/budget-lines/{line_id}/entries", {
    params: { path: { line_id: reserve.id } },
    body: { kind: "transfer", amount_minor: 50_000, to_line_id: media.id, note: "It rained." },
  }),
);
const tooMuch = await refused(
  manager.api.POST("/v1/budget-lines/{line_id}/entries", {
    ...onMedia,
    body: { kind: "commitment", amount_minor: 900_000 },
  }),
);

// What happened on the network: a CSV file, and rows of which one is wrong.
await ok(
  community.api.POST("/v1/channels", {
    body: { client_id: client.id, network: "instagram", handle: "aurora", name: "Instagram" },
  }),
);
const table = "date,channel,views,likes\n2026-10-01,instagram:aurora,1200,90\n";
const uploaded = await ok(
  community.api.POST("/v1/metrics/daily", {
    body: table,
    bodySerializer: (text) => text as string,
    headers: { "Content-Type": "text/csv" },
  }),
);
const partly = await community.api.POST("/v1/metrics/daily", {
  body: {
    readings: [
      { date: "2026-10-02", channel: "instagram:aurora", views: 800, missing: { reach: "not_yet" } },
      { date: "2026-10-02", channel: "instagram:nobody", views: 1 },
    ],
  },
});
const performance = await ok(
  executive.api.GET("/v1/clients/{client_id}/performance", {
    params: { ...ofClient, query: { from: "2026-10-01", to: "2026-10-31", group_by: "channel" } },
  }),
);

// A file, and back again by its link. Binary members are typed as text here: the form is ours.
const picture = new TextEncoder().encode("GIF89a\x01\0\x01\0\0\0\0;");
const artwork = await ok(
  community.api.POST("/v1/files", {
    body: { client_id: client.id, audience: "client", file: "logo.gif" },
    bodySerializer: ({ client_id, audience = "internal", file }) => {
      const form = new FormData();
      form.set("client_id", client_id);
      form.set("audience", audience);
      form.set("file", new File([picture], file, { type: "image/gif" }));
      return form;
    },
  }),
);
const artworkLink = await ok(
  approver.api.POST("/v1/files/{file_id}/link", { params: { path: { file_id: artwork.id } } }),
);
const returned = await (await fetch(base + new URL(artworkLink.address).pathname)).arrayBuffer();

// A retry is done once.
const promise = {
  params: { header: { "Idempotency-Key": `releases-${run}` } },
  body: {
    client_id: client.id,
    text: { es: "Permisos" },
    owner_name: "Clara",
    due_on: "2026-10-20",
    subject_kind: "approval" as const,
  },
};
const first = await ok(executive.api.POST("/v1/client-requests", promise));
const again = await executive.api.POST("/v1/client-requests", promise);

// The report: written, published, rendered, read in each form, shared.
const report = await ok(
  executive.api.POST("/v1/reports", {
    body: { client_id: client.id, period: "month", starts_on: "2026-10-01", locales: ["es"] },
  }),
);
const ofReport = { path: { report_id: report.id } };
const narrative = { es: { headline: "Octubre, el mejor mes.", highlights: [], learnings: [] } };
await ok(
  executive.api.PATCH("/v1/reports/{report_id}", {
    params: { ...ofReport, header: { "If-Match": "*" } },
    body: { narrative },
  }),
);
await ok(executive.api.POST("/v1/reports/{report_id}/submit", { params: ofReport }));
const gaps = { accept_gaps: { es: "Solo hay un día medido." } };
const version = await ok(
  executive.api.POST("/v1/reports/{report_id}/publish", { params: ofReport, body: gaps }),
);
const ofJob = { params: { path: { job_id: version.render_job_id } } };
let job = await ok(executive.api.GET("/v1/jobs/{job_id}", ofJob));
while (job.state === "queued" || job.state === "running") {
  await new Promise((resolve) => setTimeout(resolve, 100));
  job = await ok(executive.api.GET("/v1/jobs/{job_id}", ofJob));
}
const snapshot = await ok(
  approver.api.GET("/v1/clients/{client_id}/reports/latest", { params: ofClient }),
);
if (typeof snapshot === "string" || !("report" in snapshot)) throw new Error("the report is still being rendered");
const pdf = await approver.api.GET("/v1/clients/{client_id}/reports/latest", {
  params: { ...ofClient, query: { format: "pdf" } },
  parseAs: "arrayBuffer",
});
const link = await ok(
  executive.api.POST("/v1/reports/{report_id}/share-links", {
    params: ofReport,
    body: { days: 30 },
  }),
);
const links = await ok(
  executive.api.GET("/v1/reports/{report_id}/share-links", { params: ofReport }),
);

// Everything that happened, page by page.
let events = 0;
let cursor: string | undefined;
do {
  const page = await ok(
    owner.GET("/v1/events", { params: { query: { limit: 20, ...(cursor ? { cursor } : {}) } } }),
  );
  events += page.data.length;
  cursor = page.next_cursor ?? undefined;
} while (cursor);

console.log(
  JSON.stringify({
    agency: signedUp.agency.slug === agencySlug,
    wrong: wrong.code,
    branded: branded.branding.primary,
    stale: stale.code,
    contract: inForce.status,
    decided: decided.status,
    campaign: active.status,
    delivered: delivered.status,
    committed: committed.amount_minor,
    moved: moved.kind,
    tooMuch: tooMuch.code,
    uploaded: uploaded.stored,
    artwork: [artwork.media_type, returned.byteLength === picture.length],
    partly: [partly.response.status, partly.data?.stored, partly.data?.errors[0]?.row],
    views: performance.totals.views.value,
    channels: performance.channels?.length,
    once: first.id === again.data?.id && again.response.headers.get("idempotent-replayed"),
    job: job.state,
    version: snapshot.report.version,
    kpi: snapshot.kpis?.find((each) => each.id === "views")?.value,
    headline: snapshot.narrative.es?.headline,
    deliverables: snapshot.deliverables?.map((each) => each.delivered),
    pdf: new TextDecoder().decode((pdf.data as ArrayBuffer).slice(0, 5)),
    shared: [links.data.length, link.address.includes("#")],
    events: events > 20,
    calls,
  }),
);
