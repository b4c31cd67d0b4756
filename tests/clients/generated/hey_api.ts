// A client's month, written by somebody who has nothing but openapi.json: the functions that
// @hey-api/openapi-ts makes. Run with the address of the API; prints what came of it as JSON.
import { createClient as speak, createConfig } from "./heyapi/client/index.js";
import * as api from "./heyapi/sdk.gen.js";
import type { InvitationCreate, Problem, ReportSnapshot } from "./heyapi/types.gen.js";

type Answer<Data> = { data?: Data; error?: Problem; response?: Response };

const base = process.argv[2] ?? "";
const run = process.argv[3] ?? "";
let calls = 0;

const slug = `hey-${run}`;
const password = `correct horse ${run} battery`;

function speaker(token?: string) {
  const client = speak(createConfig({ baseUrl: base, auth: () => token }));
  client.interceptors.request.use((request) => {
    calls += 1;
    return request;
  });
  return client;
}

async function ok<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked;
  if (error !== undefined || !response?.ok) {
    throw new Error(`${response?.url}: ${response?.status} ${JSON.stringify(error)}`);
  }
  return data as Data;
}

async function refused<Data>(asked: Promise<Answer<Data>>): Promise<Problem> {
  const { error, response } = await asked;
  if (error === undefined) throw new Error(`${response?.url}: ${response?.status}, not refused`);
  return error;
}

const address = (name: string) => `${name}.${slug}@people.example`;
const anybody = speaker();

// The agency and its people.
const signedUp = await ok(
  api.createAgency({
    client: anybody,
    body: {
      name: "Estudio Norte",
      slug,
      locale: "es-ES",
      timezone: "Europe/Madrid",
      currency: "EUR",
      owner: { name: "Nora Vives", email: address("nora"), password },
    },
  }),
);
const form = { grant_type: "password", username: address("nora"), agency: slug } as const;
const tokens = await ok(api.createToken({ client: anybody, body: { ...form, password } }));
const owner = speaker(tokens.access_token);
const wrong = await refused(
  api.createToken({ client: anybody, body: { ...form, password: "not this one" } }),
);

async function hire(name: string, email: string, how: Pick<InvitationCreate, "kind" | "duties">) {
  const written = await ok(api.createInvitation({ client: owner, body: { email, name, ...how } }));
  const body = { token: written.token, name, password };
  const accepted = await ok(api.acceptInvitation({ client: anybody, body }));
  return { id: accepted.membership.id, client: speaker(accepted.tokens.access_token) };
}

const executive = await hire("Irene Salvatierra", address("irene"), { kind: "staff" });
const manager = await hire("Tomás Rey", address("tomas"), { kind: "staff" });
const community = await hire("Laia Font", address("laia"), { kind: "staff" });

// An edit of what was seen, and one of what no longer stands.
const seen = await api.getAgency({ client: owner });
const edit = {
  client: owner,
  headers: { "If-Match": seen.response?.headers.get("etag") ?? "" },
  body: { branding: { primary: "#12403C", accent: "#E07A5F" } },
};
const branded = await ok(api.updateAgency(edit));
const stale = await refused(api.updateAgency(edit));

// The client, its team and its contract.
const client = await ok(
  api.createClient({
    client: owner,
    body: {
      name: "Café Aurora",
      sector: { es: "Cafeterías", en: "Coffee" },
      status: "active",
      lead_membership_id: executive.id,
    },
  }),
);
const path = { client_id: client.id };
for (const [duty, { id }] of [
  ["social_media_manager", manager],
  ["community_manager", community],
] as const) {
  const body = { membership_id: id, duty, is_lead: true };
  await ok(api.createAssignment({ client: owner, path, body }));
}
const approver = await hire("Clara Montes", address("clara"), {
  kind: "client_contact",
  duties: [{ client_id: client.id, duty: "approver" }],
});
const contract = await ok(
  api.createContract({
    client: executive.client,
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
  api.activateContract({ client: executive.client, path: { contract_id: contract.id } }),
);

// One proposal: campaign, scope and budget.
const budget = await ok(
  api.createBudget({
    client: manager.client,
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
  api.createCampaign({
    client: executive.client,
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
  api.createScope({
    client: executive.client,
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
const ofCampaign = { client: executive.client, path: { campaign_id: campaign.id } };
const proposal = { scope_id: scope.id, budget_id: budget.id };
await ok(api.proposeCampaign({ ...ofCampaign, body: proposal }));

// The client decides once, on what was shown.
const waiting = await ok(
  api.listApprovals({ client: approver.client, query: { waiting_on: "me" } }),
);
const ofApproval = { client: approver.client, path: { approval_id: waiting.data[0]?.id ?? "" } };
const approval = await ok(api.getApproval(ofApproval));
const decided = await ok(
  api.decideApproval({
    ...ofApproval,
    body: { outcome: "approved", content_sha256: approval.content_sha256 },
  }),
);
const active = await ok(api.activateCampaign(ofCampaign));

// A reel on its way, and a day counted.
const [reels, days] = scope.lines;
if (!reels || !days) throw new Error("the scope has no lines");
const piece = await ok(
  api.createDeliverable({ client: community.client, body: { line_id: reels.id } }),
);
const ofPiece = { client: community.client, path: { deliverable_id: piece.id } };
await ok(api.startDeliverable(ofPiece));
await ok(
  api.submitDeliverable({ ...ofPiece, body: { url: "https://files.example/tueste.mp4" } }),
);
await ok(api.approveDeliverable({ ...ofPiece, client: manager.client }));
await ok(api.approveDeliverable({ ...ofPiece, client: approver.client }));
const delivered = await ok(
  api.deliverDeliverable({
    ...ofPiece,
    body: { url: "https://instagram.example/p/tueste", published_at: "2026-10-08T18:30:00+02:00" },
  }),
);
await ok(
  api.createAccrual({
    client: community.client,
    path: { line_id: days.id },
    body: { quantity: 1, counted_on: "2026-10-01" },
  }),
);

// Money: two kinds of one body, and a refusal by name.
const [media, reserve] = budget.lines;
if (!media || !reserve) throw new Error("the budget has no lines");
const onMedia = { client: manager.client, path: { line_id: media.id } };
const committed = await ok(
  api.enterOnBudgetLine({
    ...onMedia,
    body: { kind: "commitment", amount_minor: 500_000, payee: "Meta" },
  }),
);
const moved = await ok(
  api.enterOnBudgetLine({
    client: manager.client,
    path: { line_id: reserve.id },
    body: { kind: "transfer", amount_minor: 50_000, to_line_id: media.id, note: "It rained." },
  }),
);
const tooMuch = await refused(
  api.enterOnBudgetLine({ ...onMedia, body: { kind: "commitment", amount_minor: 900_000 } }),
);

// What happened on the network; then rows of which one is wrong. These functions know one media
// type a body, and it is JSON.
await ok(
  api.createChannel({
    client: community.client,
    body: { client_id: client.id, network: "instagram", handle: "aurora", name: "Instagram" },
  }),
);
const channel = "instagram:aurora";
const uploaded = await ok(
  api.recordReadings({
    client: community.client,
    body: { readings: [{ date: "2026-10-01", channel, views: 1200, likes: 90 }] },
  }),
);
const partly = await api.recordReadings({
  client: community.client,
  body: {
    readings: [
      { date: "2026-10-02", channel, views: 800, missing: { reach: "not_yet" } },
      { date: "2026-10-02", channel: "instagram:nobody", views: 1 },
    ],
  },
});
const performance = await ok(
  api.getPerformance({
    client: executive.client,
    path,
    query: { from: "2026-10-01", to: "2026-10-31", group_by: "channel" },
  }),
);

// A file, and back again by its link.
const picture = new TextEncoder().encode("GIF89a\x01\0\x01\0\0\0\0;");
const artwork = await ok(
  api.createFile({
    client: community.client,
    body: {
      client_id: client.id,
      audience: "client",
      file: new File([picture], "logo.gif", { type: "image/gif" }),
    },
  }),
);
const artworkLink = await ok(
  api.createFileLink({ client: approver.client, path: { file_id: artwork.id } }),
);
const returned = await (await fetch(base + new URL(artworkLink.address).pathname)).arrayBuffer();

// A retry is done once.
const request = {
  client: executive.client,
  headers: { "Idempotency-Key": `releases-${run}` },
  body: {
    client_id: client.id,
    text: { es: "Permisos" },
    owner_name: "Clara",
    due_on: "2026-10-20",
    subject_kind: "approval" as const,
  },
};
const first = await ok(api.createClientRequest(request));
const again = await api.createClientRequest(request);

// The report: written, published, rendered, read in each form, shared.
const report = await ok(
  api.createReport({
    client: executive.client,
    body: { client_id: client.id, period: "month", starts_on: "2026-10-01", locales: ["es"] },
  }),
);
const ofReport = { client: executive.client, path: { report_id: report.id } };
await ok(
  api.updateReport({
    ...ofReport,
    headers: { "If-Match": "*" },
    body: { narrative: { es: { headline: "Octubre, el mejor mes.", highlights: [] } } },
  }),
);
await ok(api.submitReport(ofReport));
const gaps = { accept_gaps: { es: "Solo hay un día medido." } };
const version = await ok(api.publishReport({ ...ofReport, body: gaps }));
const ofJob = { client: executive.client, path: { job_id: version.render_job_id } };
let job = await ok(api.getJob(ofJob));
while (job.state === "queued" || job.state === "running") {
  await new Promise((resolve) => setTimeout(resolve, 100));
  job = await ok(api.getJob(ofJob));
}
const latest = await ok(api.getLatestReport({ client: approver.client, path }));
if (!("report" in latest)) throw new Error("the report is still being rendered");
const snapshot: ReportSnapshot = latest;
const pdf = await api.getLatestReport({
  client: approver.client,
  path,
  query: { format: "pdf" },
  parseAs: "stream",
});
const file = await new Response(pdf.response?.body).arrayBuffer();
const link = await ok(api.createShareLink({ ...ofReport, body: { days: 30 } }));
const links = await ok(api.listShareLinks(ofReport));

// Everything that happened, page by page.
let events = 0;
let cursor: string | null = null;
do {
  const query: { limit: number; cursor?: string } = { limit: 20, ...(cursor ? { cursor } : {}) };
  const page = await ok(api.listEvents({ client: owner, query }));
  events += page.data.length;
  cursor = page.next_cursor;
} while (cursor);

console.log(
  JSON.stringify({
    agency: signedUp.agency.slug === slug,
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
    partly: [partly.response?.status, partly.data?.stored, partly.data?.errors[0]?.row],
    views: performance.totals.views.value,
    channels: performance.channels?.length,
    once: first.id === again.data?.id && again.response?.headers.get("idempotent-replayed"),
    job: job.state,
    version: snapshot.report.version,
    kpi: snapshot.kpis?.find((each) => each.id === "views")?.value,
    headline: snapshot.narrative.es?.headline,
    deliverables: snapshot.deliverables?.map((each) => each.delivered),
    pdf: new TextDecoder().decode(file.slice(0, 5)),
    shared: [links.data.length, link.address.includes("#")],
    events: events > 20,
    calls,
  }),
);
