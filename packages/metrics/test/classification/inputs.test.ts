import * as classification from "@x/metrics/classification";
import { describe, expect, it } from "vitest";

const { BinnedRocAuc, ConfusionMatrix, confusionMatrix } = classification;

describe("the functions of @x/metrics/classification", () => {
  it("leave their arguments as they were", () => {
    const yTrue = Int32Array.of(1, 0, 1, 0);
    const yScore = Float64Array.of(0.5, 0.7, 0.9, 0.1);
    const yProba = Float64Array.of(0.5, 0.5, 0.3, 0.7, 0.1, 0.9, 0.9, 0.1);
    const sampleWeight = Float64Array.of(1, 2, 3, 4);
    const labels = Int32Array.of(0, 1);
    const inputs = [yTrue, yScore, yProba, sampleWeight, labels];
    const before = inputs.map((input) => [...input]);

    const { rocAuc, rocCurve, precisionRecallCurve, averagePrecision, logLoss } = classification;
    for (const options of [{}, { sampleWeight }])
      for (const ranking of [rocAuc, rocCurve, precisionRecallCurve, averagePrecision, logLoss])
        ranking(yTrue, yScore, options);
    rocAuc(yTrue, yProba, { labels, sampleWeight });
    rocAuc(yTrue, yProba, { labels, multiClass: "ovo" });
    logLoss(yTrue, yProba, { labels, sampleWeight });
    new BinnedRocAuc().addMany(yTrue, yScore);
    new ConfusionMatrix(labels).addMany(yTrue, yTrue);
    const confusion = confusionMatrix(yTrue, yTrue, { labels, sampleWeight });
    const counts = [...confusion.counts];
    const { accuracy, balancedAccuracy, mcc, cohenKappa, precision, recall, fBeta } = classification;
    for (const figure of [accuracy, balancedAccuracy, mcc, cohenKappa, precision, recall, fBeta]) figure(confusion);

    expect(inputs.map((input) => [...input])).toEqual(before);
    expect([...confusion.counts]).toEqual(counts);
  });
});
