-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "job_status" AS ENUM ('pending', 'running', 'completed', 'failed', 'cancelled', 'skipped', 'paused');

-- CreateTable
CREATE TABLE "job" (
    "id" UUID NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "parent_id" UUID,
    "type" TEXT NOT NULL,
    "key" TEXT,
    "status" "job_status" NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "result" JSONB,
    "error" JSONB,
    "available_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_owner" TEXT,
    "lease_expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "parent_job" (
    "job_id" UUID NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "child_type" TEXT NOT NULL,
    "max_children" INTEGER,
    "admitted" INTEGER NOT NULL DEFAULT 0,
    "sealed_at" TIMESTAMPTZ(3),
    "cancel_requested_at" TIMESTAMPTZ(3),
    "idempotency_key" TEXT,
    "fingerprint" TEXT,

    CONSTRAINT "parent_job_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "parent_progress" (
    "job_id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "status" "job_status" NOT NULL DEFAULT 'pending',
    "sealed" BOOLEAN NOT NULL DEFAULT false,
    "pending" INTEGER NOT NULL DEFAULT 0,
    "running" INTEGER NOT NULL DEFAULT 0,
    "completed" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "children_per_second" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "folded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "verified_at" TIMESTAMPTZ(3),

    CONSTRAINT "parent_progress_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "job_delta" (
    "id" BIGSERIAL NOT NULL,
    "parent_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "from_status" "job_status",
    "to_status" "job_status",
    "attempt" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_delta_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lifecycle_event" (
    "job_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lifecycle_event_pkey" PRIMARY KEY ("job_id","seq")
);

-- CreateTable
CREATE TABLE "page_text" (
    "job_id" UUID NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "page_text_pkey" PRIMARY KEY ("job_id")
);

-- CreateIndex
CREATE INDEX "job_parent_id_id_idx" ON "job"("parent_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "job_parent_id_key_key" ON "job"("parent_id", "key");

-- CreateIndex
CREATE UNIQUE INDEX "parent_job_tenant_id_idempotency_key_key" ON "parent_job"("tenant_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "job_delta_parent_id_idx" ON "job_delta"("parent_id");

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parent_job" ADD CONSTRAINT "parent_job_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parent_progress" ADD CONSTRAINT "parent_progress_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lifecycle_event" ADD CONSTRAINT "lifecycle_event_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "page_text" ADD CONSTRAINT "page_text_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What Prisma's schema language cannot say.

-- A child has a key and is never paused; a parent has none and is never skipped.
ALTER TABLE "job" ADD CONSTRAINT "job_shape" CHECK (
  ("parent_id" IS NULL) = ("key" IS NULL)
  AND ("parent_id" IS NULL OR "status" <> 'paused')
  AND ("parent_id" IS NOT NULL OR "status" <> 'skipped')
);
ALTER TABLE "job" ADD CONSTRAINT "job_attempt_not_negative" CHECK ("attempt" >= 0);
-- An ended job says when, an open one does not.
ALTER TABLE "job" ADD CONSTRAINT "job_finished_at" CHECK (
  ("finished_at" IS NOT NULL) = ("status" IN ('completed', 'failed', 'cancelled', 'skipped'))
);
-- Only a running job is leased.
ALTER TABLE "job" ADD CONSTRAINT "job_lease" CHECK ("lease_expires_at" IS NULL OR "status" = 'running');

-- The claim's queue and the reaper's list; both hold open children only, so they stay small.
CREATE INDEX "job_claimable_idx" ON "job" ("type", "available_at", "id") WHERE "status" = 'pending' AND "parent_id" IS NOT NULL;
CREATE INDEX "job_leased_idx" ON "job" ("lease_expires_at") WHERE "lease_expires_at" IS NOT NULL;
-- The lists of parents, and the children that people filter for.
CREATE INDEX "job_parents_idx" ON "job" ("id") WHERE "parent_id" IS NULL;
CREATE INDEX "job_trouble_idx" ON "job" ("parent_id", "status", "id") WHERE "status" IN ('running', 'failed', 'cancelled', 'skipped');
CREATE INDEX "parent_progress_active_idx" ON "parent_progress" ("job_id") WHERE "status" IN ('pending', 'running', 'paused');

-- Rows that change often: room for updates in place, and a vacuum that does not wait for a fifth of the table.
ALTER TABLE "job" SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE "parent_progress" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "job_delta" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
