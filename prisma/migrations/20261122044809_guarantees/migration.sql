-- AlterTable
ALTER TABLE "parent_job" ADD COLUMN     "seal_expired_at" TIMESTAMPTZ(3),
ADD COLUMN     "seal_timeout_ms" INTEGER;

-- AlterTable
ALTER TABLE "job_delta" DROP COLUMN "attempt",
DROP COLUMN "job_id",
ADD COLUMN     "count" INTEGER NOT NULL DEFAULT 1;
-- Those that stand there are of one change each; new ones say how many they are of.
ALTER TABLE "job_delta" ALTER COLUMN "count" DROP DEFAULT;

-- DropIndex
DROP INDEX "job_parent_id_id_idx";

-- CreateIndex
CREATE INDEX "job_parent_id_status_id_idx" ON "job"("parent_id", "status", "id");


-- What Prisma's schema language cannot say.

-- Only a parent that is sealed can have been sealed for being late.
ALTER TABLE "parent_job" ADD CONSTRAINT "parent_job_seal_expired" CHECK ("seal_expired_at" IS NULL OR "sealed_at" IS NOT NULL);
ALTER TABLE "parent_job" ADD CONSTRAINT "parent_job_seal_timeout_not_negative" CHECK ("seal_timeout_ms" >= 0);

-- Those that wait for their seal.
CREATE INDEX "parent_job_unsealed_idx" ON "parent_job" ("job_id") WHERE "sealed_at" IS NULL AND "seal_timeout_ms" IS NOT NULL;

-- What the index by parent, status and id does for every status.
DROP INDEX "job_trouble_idx";
ALTER TABLE "job_delta" ADD CONSTRAINT "job_delta_count_positive" CHECK ("count" > 0);
