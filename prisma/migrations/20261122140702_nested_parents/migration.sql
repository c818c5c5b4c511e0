-- AlterTable
ALTER TABLE "job" ADD COLUMN     "is_parent" BOOLEAN NOT NULL DEFAULT false;

-- So far every parent was nested in none.
UPDATE "job" SET "is_parent" = true WHERE "parent_id" IS NULL;

-- What Prisma's schema language cannot say.

-- What has a parent has a key there. Who has no children of its own has a parent, and is never paused; a parent is never
-- skipped, and nobody works on it.
ALTER TABLE "job" DROP CONSTRAINT "job_shape";
ALTER TABLE "job" ADD CONSTRAINT "job_shape" CHECK (
  ("parent_id" IS NULL) = ("key" IS NULL)
  AND ("is_parent" OR ("parent_id" IS NOT NULL AND "status" <> 'paused'))
  AND (NOT "is_parent" OR ("status" <> 'skipped' AND "attempt" = 0 AND "lease_expires_at" IS NULL))
);

-- The claim's queue holds no parents.
DROP INDEX "job_claimable_idx";
CREATE INDEX "job_claimable_idx" ON "job" ("type", "tenant_id", "priority", "parent_id", "available_at", "id")
  WHERE "status" = 'pending' AND NOT "is_parent";

-- The parents nested in one, whatever other children it has.
CREATE INDEX "job_nested_idx" ON "job" ("parent_id", "id") WHERE "is_parent" AND "parent_id" IS NOT NULL;
