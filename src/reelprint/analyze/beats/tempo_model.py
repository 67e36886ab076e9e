"""Weights of the tempo model, in the order of ``tempo.tempo_features``.

Fitted by the method of tools/fit_tempo_model.py on synthetic rhythms of even seeds and 28 tracks of the package
immich-memories-music (MIT; nothing of it is carried here). The run took its onsets from a cache made with another
time stretch than the tool's 6 %, so the tool gives close but not equal numbers.
"""

WEIGHTS = (
    7.6166, -4.6466, -3.0421, -4.4246, -1.3334, 1.1419, 0.6185, 3.8578, -2.4622, -2.1909, 3.3760,
    -2.3717, -8.1709, 0.7012, 1.5904, 5.7760, 4.0761, -0.9686, -0.3628, 1.1113, -0.1917, 1.7550,
    -0.1586, -3.7359, 1.1486, -0.5410, 2.9243, -0.6355, -0.6321, -4.9602, 2.4580, -0.1855, 3.3109,
    -5.2209, -7.3891, 4.7956, 0.1961, -0.0644, 6.3055, -0.0439, 2.7729, 1.5756, 0.7954, 0.4172,
    -1.7058, -4.1345, -1.7500, 1.0586, 1.3485, 7.7255, -0.3520, -0.2049, -0.0801, -0.3190, -0.3267,
    -1.6509, -5.4894, -0.1167, 14.5825, 6.0806, 0.7717,
)  # fmt: skip
