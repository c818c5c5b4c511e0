-- What depends on the enum; below it comes again.
ALTER TABLE "job" DROP CONSTRAINT "job_shape", DROP CONSTRAINT "job_finished_at", DROP CONSTRAINT "job_lease";
DROP INDEX "job_claimable_idx";
DROP INDEX "parent_progress_active_idx";

-- Statuses as text: row-level security keeps comparisons of enums, which are not leakproof, out of indexes.
ALTER TABLE "job" ALTER COLUMN "status" TYPE TEXT USING "status"::text;
ALTER TABLE "parent_progress" ALTER COLUMN "status" DROP DEFAULT,
ALTER COLUMN "status" TYPE TEXT USING "status"::text,
ALTER COLUMN "status" SET DEFAULT 'pending';
ALTER TABLE "job_delta" ALTER COLUMN "from_status" TYPE TEXT USING "from_status"::text,
ALTER COLUMN "to_status" TYPE TEXT USING "to_status"::text;
DROP TYPE "job_status";

-- CreateEnum
CREATE TYPE "stop_reason" AS ENUM ('cancelled', 'too_many_failed', 'deadline_exceeded');

-- AlterTable
ALTER TABLE "job" ADD COLUMN     "priority" SMALLINT NOT NULL DEFAULT 0,
ADD COLUMN     "progress_label" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "progress_percentage" SMALLINT NOT NULL DEFAULT 0,
ADD COLUMN     "progress_stage" TEXT NOT NULL DEFAULT 'queued',
ADD COLUMN     "run" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "run_base" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "steps" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "times_out_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "job_delta" ADD COLUMN     "job_ids" UUID[] DEFAULT ARRAY[]::UUID[];

-- AlterTable
ALTER TABLE "parent_job" RENAME COLUMN "cancel_requested_at" TO "stopped_at";
ALTER TABLE "parent_job" ADD COLUMN     "child_timeout_ms" INTEGER,
ADD COLUMN     "deadline_at" TIMESTAMPTZ(3),
ADD COLUMN     "deadline_ms" BIGINT,
ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "failure_policy" JSONB NOT NULL DEFAULT '"continue"',
ADD COLUMN     "paused_at" TIMESTAMPTZ(3),
ADD COLUMN     "retry_requested_at" TIMESTAMPTZ(3),
ADD COLUMN     "stop_reason" "stop_reason";
UPDATE "parent_job" SET "stop_reason" = 'cancelled' WHERE "stopped_at" IS NOT NULL;

-- AlterTable
ALTER TABLE "parent_progress" ADD COLUMN     "log_lines" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "pipeline_event" (
    "job_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "step" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pipeline_event_pkey" PRIMARY KEY ("job_id","number")
);

-- CreateTable
CREATE TABLE "job_log" (
    "job_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "line" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_log_pkey" PRIMARY KEY ("job_id","number")
);

-- AddForeignKey
ALTER TABLE "pipeline_event" ADD CONSTRAINT "pipeline_event_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_log" ADD CONSTRAINT "job_log_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What Prisma's schema language cannot say.

ALTER TABLE "job" ADD CONSTRAINT "job_progress" CHECK ("progress_percentage" BETWEEN 0 AND 100);
ALTER TABLE "job" ADD CONSTRAINT "job_run" CHECK ("run" >= 1 AND "run_base" BETWEEN 0 AND "attempt");
ALTER TABLE "parent_job" ADD CONSTRAINT "parent_job_stop" CHECK (("stopped_at" IS NULL) = ("stop_reason" IS NULL));
-- Whoever is stopped takes no more children, and is no longer paused.
ALTER TABLE "parent_job" ADD CONSTRAINT "parent_job_stopped" CHECK (
  "stopped_at" IS NULL OR ("sealed_at" IS NOT NULL AND "paused_at" IS NULL AND "retry_requested_at" IS NULL)
);

-- A child has a key and is never paused; a parent has none and is never skipped.
ALTER TABLE "job" ADD CONSTRAINT "job_status" CHECK (
  "status" IN ('pending', 'running', 'completed', 'failed', 'cancelled', 'skipped', 'paused')
);
ALTER TABLE "job" ADD CONSTRAINT "job_shape" CHECK (
  ("parent_id" IS NULL) = ("key" IS NULL)
  AND ("parent_id" IS NULL OR "status" <> 'paused')
  AND ("parent_id" IS NOT NULL OR "status" <> 'skipped')
);
-- An ended job says when, an open one does not.
ALTER TABLE "job" ADD CONSTRAINT "job_finished_at" CHECK (
  ("finished_at" IS NOT NULL) = ("status" IN ('completed', 'failed', 'cancelled', 'skipped'))
);
-- Only a running job is leased.
ALTER TABLE "job" ADD CONSTRAINT "job_lease" CHECK ("lease_expires_at" IS NULL OR "status" = 'running');
ALTER TABLE "parent_progress" ADD CONSTRAINT "parent_progress_status" CHECK (
  "status" IN ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')
);

CREATE INDEX "parent_progress_active_idx" ON "parent_progress" ("job_id") WHERE "status" IN ('pending', 'running', 'paused');
-- The claim's queue: tenant by tenant, and parent by parent within a priority.
CREATE INDEX "job_claimable_idx" ON "job" ("type", "tenant_id", "priority", "parent_id", "available_at", "id")
  WHERE "status" = 'pending' AND "parent_id" IS NOT NULL;

-- Parents that wait for their deadline, for the rest of a retry, for their removal; and ended ones by their age.
CREATE INDEX "parent_job_deadline_idx" ON "parent_job" ("deadline_at") WHERE "deadline_at" IS NOT NULL;
CREATE INDEX "parent_job_retrying_idx" ON "parent_job" ("job_id") WHERE "retry_requested_at" IS NOT NULL;
CREATE INDEX "parent_job_deleted_idx" ON "parent_job" ("job_id") WHERE "deleted_at" IS NOT NULL;
CREATE INDEX "job_ended_parents_idx" ON "job" ("finished_at") WHERE "parent_id" IS NULL AND "finished_at" IS NOT NULL;

-- The second wall, behind the rule of who may see what: whatever a caller asks for runs as this role, which sees and
-- changes the rows of one tenant, or of one user of it. A role belongs to the server, so it may be there already.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'progeny_caller') THEN
    CREATE ROLE progeny_caller NOLOGIN NOBYPASSRLS;
  END IF;
  IF NOT pg_has_role(CURRENT_USER, 'progeny_caller', 'MEMBER') THEN
    GRANT progeny_caller TO CURRENT_USER;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'somebody who may has to say first: CREATE ROLE progeny_caller NOLOGIN; GRANT progeny_caller TO %', quote_ident(CURRENT_USER);
END
$$;
GRANT USAGE ON SCHEMA public TO progeny_caller;
GRANT SELECT, INSERT, UPDATE, DELETE ON "job", "parent_job", "parent_progress", "job_delta", "lifecycle_event",
  "pipeline_event", "job_log", "page_text" TO progeny_caller;
GRANT USAGE ON SEQUENCE "job_delta_id_seq" TO progeny_caller;
GRANT SELECT ON "ledger" TO progeny_caller;

ALTER TABLE "job" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "parent_job" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "parent_progress" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "job_delta" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "lifecycle_event" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "pipeline_event" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "job_log" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "page_text" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "ticket" ENABLE ROW LEVEL SECURITY;

-- Who asks is set once in a transaction; an empty user stands for all of the tenant. Without it every statement fails.
CREATE POLICY "of_caller" ON "job" TO progeny_caller USING (
  "tenant_id" = (SELECT current_setting('progeny.tenant_id'))
  AND (SELECT current_setting('progeny.user_id')) IN ('', "user_id")
);
-- What hangs on a job is seen by whoever sees the job.
CREATE POLICY "of_caller" ON "parent_job" TO progeny_caller USING (EXISTS (SELECT FROM "job" j WHERE j."id" = "job_id"));
CREATE POLICY "of_caller" ON "parent_progress" TO progeny_caller USING (EXISTS (SELECT FROM "job" j WHERE j."id" = "job_id"));
CREATE POLICY "of_caller" ON "job_delta" TO progeny_caller USING (EXISTS (SELECT FROM "job" j WHERE j."id" = "job_delta"."parent_id"));
CREATE POLICY "of_caller" ON "lifecycle_event" TO progeny_caller USING (EXISTS (SELECT FROM "job" j WHERE j."id" = "job_id"));
CREATE POLICY "of_caller" ON "pipeline_event" TO progeny_caller USING (EXISTS (SELECT FROM "job" j WHERE j."id" = "job_id"));
CREATE POLICY "of_caller" ON "job_log" TO progeny_caller USING (EXISTS (SELECT FROM "job" j WHERE j."id" = "job_id"));
CREATE POLICY "of_caller" ON "page_text" TO progeny_caller USING (EXISTS (SELECT FROM "job" j WHERE j."id" = "job_id"));
