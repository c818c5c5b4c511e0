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

-- The claim's queue: tenant by tenant, and parent by parent within a priority.
DROP INDEX "job_claimable_idx";
CREATE INDEX "job_claimable_idx" ON "job" ("type", "tenant_id", "priority", "parent_id", "available_at", "id")
  WHERE "status" = 'pending' AND "parent_id" IS NOT NULL;

-- Parents that wait for their deadline, for the rest of a retry, for their removal; and ended ones by their age.
CREATE INDEX "parent_job_deadline_idx" ON "parent_job" ("deadline_at") WHERE "deadline_at" IS NOT NULL;
CREATE INDEX "parent_job_retrying_idx" ON "parent_job" ("job_id") WHERE "retry_requested_at" IS NOT NULL;
CREATE INDEX "parent_job_deleted_idx" ON "parent_job" ("job_id") WHERE "deleted_at" IS NOT NULL;
CREATE INDEX "job_ended_parents_idx" ON "job" ("finished_at") WHERE "parent_id" IS NULL AND "finished_at" IS NOT NULL;
