-- AlterTable
ALTER TABLE "parent_job" ADD COLUMN     "seal_expired_at" TIMESTAMPTZ(3),
ADD COLUMN     "seal_timeout_ms" INTEGER;


-- What Prisma's schema language cannot say.

-- Only a parent that is sealed can have been sealed for being late.
ALTER TABLE "parent_job" ADD CONSTRAINT "parent_job_seal_expired" CHECK ("seal_expired_at" IS NULL OR "sealed_at" IS NOT NULL);
ALTER TABLE "parent_job" ADD CONSTRAINT "parent_job_seal_timeout_not_negative" CHECK ("seal_timeout_ms" >= 0);

-- Those that wait for their seal.
CREATE INDEX "parent_job_unsealed_idx" ON "parent_job" ("job_id") WHERE "sealed_at" IS NULL AND "seal_timeout_ms" IS NOT NULL;

-- The children that people filter for, and those that a cancel sweeps, pending ones with them: found at the same cost
-- however many others the parent has.
DROP INDEX "job_trouble_idx";
CREATE INDEX "job_not_completed_idx" ON "job" ("parent_id", "status", "id") WHERE "status" <> 'completed' AND "parent_id" IS NOT NULL;
