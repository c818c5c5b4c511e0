-- CreateEnum
CREATE TYPE "ticket_role" AS ENUM ('user', 'operator', 'worker');

-- CreateTable
CREATE TABLE "ticket" (
    "hash" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" "ticket_role" NOT NULL,
    "identity_ends_ms" DOUBLE PRECISION,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ticket_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "ledger" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "epoch" UUID NOT NULL DEFAULT gen_random_uuid(),

    CONSTRAINT "ledger_pkey" PRIMARY KEY ("only")
);

-- CreateIndex
CREATE INDEX "ticket_expires_at_idx" ON "ticket"("expires_at");


-- What Prisma's schema language cannot say.

-- One row, and no second one.
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_one_row" CHECK ("only");
INSERT INTO "ledger" DEFAULT VALUES;

-- The list of one tenant's parents, and of one user's, at the same cost whatever the others have.
CREATE INDEX "job_parents_of_tenant_idx" ON "job" ("tenant_id", "id") WHERE "parent_id" IS NULL;
CREATE INDEX "job_parents_of_user_idx" ON "job" ("tenant_id", "user_id", "id") WHERE "parent_id" IS NULL;

-- Rows that live for seconds.
ALTER TABLE "ticket" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
