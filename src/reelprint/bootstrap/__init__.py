"""The composition root: settings in, wired parts out. Only this package names adapters.

``engine`` puts the film tools together (heavy: OpenCV, ONNX, PyAV); ``service`` the database and the storage (light:
the API starts without a film library).
"""
